import type { KubeObject } from '../../engine/index.ts'
import { isDirty } from '../../state/manifestsSlice.ts'
import { Button } from '../common/Button.tsx'
import { useApp } from '../common/useApp.ts'
import { editorMessages as say } from './messages.ts'
import { matchCounts } from './matchCounts.ts'
import css from './StatusLine.module.css'

/** What the cluster made of the text: applied or not, problems, and how many pods each Service found. */
export function StatusLine() {
  const dirty = useApp((state) => isDirty(state.manifests))
  const applying = useApp((state) => state.manifests.applying)
  const problems = useApp((state) => state.manifests.faults.filter((fault) => fault.severity !== 'hint').length)
  const matching = useApp((state) => statusOf(state.cluster.objects))
  const apply = useApp((state) => state.apply)
  const booting = useApp((state) => state.run.booting)
  const text = booting
    ? say.booting
    : applying
      ? say.applying
      : dirty
        ? say.edited
        : problems > 0
          ? `${say.problemCount(problems)}. ${say.invalid}`
          : `${say.applied} ${matching}`
  return (
    <div className={css['status']}>
      <span className={css['dot']} data-state={problems > 0 ? 'bad' : dirty || applying || booting ? 'busy' : 'ok'} />
      <span role="status">{text}</span>
      <Button
        look="quiet"
        title={say.applyHint}
        onClick={() => {
          apply({ force: true })
        }}
      >
        {say.apply}
      </Button>
    </div>
  )
}

const statuses = new WeakMap<ReadonlyMap<string, KubeObject>, string>()

/** Said once per state of the cluster: it is asked at every step of the player. */
function statusOf(objects: ReadonlyMap<string, KubeObject>): string {
  const known = statuses.get(objects)
  if (known !== undefined) return known
  const counts = matchCounts(objects)
  const status = counts.length === 0 ? say.noService : say.matching(counts)
  statuses.set(objects, status)
  return status
}
