import { useApp } from '../common/useApp.ts'
import { editorMessages as say } from './messages.ts'
import css from './Problems.module.css'

/** Every fault of every file, in the API server's words; a click goes to it. */
export function Problems() {
  const faults = useApp((state) => state.manifests.faults)
  const applied = useApp((state) => state.manifests.applied)
  const jumpTo = useApp((state) => state.jumpTo)
  if (faults.length === 0) return null
  return (
    <ul className={css['problems']} aria-label={say.problems}>
      {faults.map((fault, i) => {
        const text = applied.find((file) => file.name === fault.file)?.text ?? ''
        return (
          <li key={i}>
            <button
              type="button"
              onClick={() => {
                jumpTo(fault.file, fault.from, fault.to)
              }}
            >
              <span className={css['mark']} data-severity={fault.severity}>
                <span className="spoken">{say.severity[fault.severity]}</span>
              </span>
              <span className={css['text']}>{fault.message}</span>
              <span className={css['place']}>
                {fault.file}, {say.line(lineOf(text, fault.from))}
              </span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

/** The line of `offset`, from 1. */
function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}
