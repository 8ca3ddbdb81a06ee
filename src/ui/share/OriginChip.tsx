import { useApp } from '../common/useApp.ts'
import { Button } from '../common/Button.tsx'
import { shareMessages as say } from './messages.ts'
import css from './OriginChip.module.css'

/** Where the scenario on screen came from, when it is not the default one, and the way back to own work. */
export function OriginChip({ onBack }: { readonly onBack: () => void }) {
  const origin = useApp((state) => state.share.origin)
  const putAside = useApp((state) => state.share.putAside)
  const edited = useApp((state) => state.share.edited)
  return (
    <>
      {origin !== 'default' && (
        <span className={css['chip']}>{origin === 'kept' ? say.chipKept : edited ? say.chipEdited : say.chipLink}</span>
      )}
      {origin !== 'kept' && putAside !== undefined && (
        <Button look="quiet" title={say.backHint} onClick={onBack}>
          {say.back}
        </Button>
      )}
    </>
  )
}
