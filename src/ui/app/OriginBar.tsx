import { Button } from '../common/Button.tsx'
import { useApp } from '../common/useApp.ts'
import { OriginChip } from '../share/OriginChip.tsx'
import css from './OriginBar.module.css'
import { appMessages } from './messages.ts'

interface OriginBarProps {
  readonly reset: () => void
  readonly back: () => void
}

/** Where there is no room in the top bar: where the scenario came from and the ways back. */
export function OriginBar({ reset, back }: OriginBarProps) {
  const untouched = useApp(({ share }) => share.origin === 'default' && !share.edited && share.putAside === undefined)
  // One's own edits are started over where they are made; a scenario from elsewhere says so on every tab.
  const own = useApp(({ share }) => share.origin === 'default' && share.putAside === undefined)
  const tab = useApp(({ layout }) => layout.tab)
  if (untouched || (own && tab !== 'yaml')) return null
  return (
    <div className={css['bar']}>
      <OriginChip onBack={back} />
      <Button look="quiet" title={appMessages.resetHint} onClick={reset}>
        {appMessages.reset}
      </Button>
    </div>
  )
}
