import { Button } from '../common/Button.tsx'
import { useApp } from '../common/useApp.ts'
import { OriginChip } from '../share/OriginChip.tsx'
import { ShareButton } from '../share/ShareButton.tsx'
import { Logo } from './Logo.tsx'
import { ModeSwitch } from './ModeSwitch.tsx'
import { KeysButton, ThemeSwitch } from './ThemeSwitch.tsx'
import css from './TopBar.module.css'
import { appMessages } from './messages.ts'

export interface TopBarProps {
  readonly share: () => void
  readonly reset: () => void
  readonly back: () => void
}

export function TopBar({ share, reset, back }: TopBarProps) {
  const untouched = useApp((state) => state.share.origin === 'default' && !state.share.edited)
  return (
    <header className={css['bar']}>
      <h1 className={css['logo']}>
        <Logo />
        {appMessages.product}
      </h1>
      <span className={css['scenario']}>{appMessages.scenario}</span>
      <OriginChip onBack={back} />
      <span className={css['space']} />
      <ModeSwitch />
      <span className={css['space']} />
      {!untouched && (
        <Button look="quiet" title={appMessages.resetHint} onClick={reset}>
          {appMessages.reset}
        </Button>
      )}
      <ThemeSwitch />
      <KeysButton />
      <ShareButton share={share} />
    </header>
  )
}

/** The same where there is little room: the mode as a select, the rest behind fewer controls. */
export function NarrowTopBar({ share }: Pick<TopBarProps, 'share'>) {
  return (
    <header className={css['bar']}>
      <h1 className={css['logo']}>
        <Logo />
        <span>{appMessages.product}</span>
      </h1>
      <span className={css['space']} />
      <ModeSwitch compact />
      <ThemeSwitch />
      <ShareButton share={share} />
    </header>
  )
}
