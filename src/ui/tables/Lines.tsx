import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { TableLine, TableView } from '../../engine/index.ts'
import { LineText } from './LineText.tsx'
import { partsOf } from './lineParts.ts'
import css from './Lines.module.css'
import type { Lit } from './litLines.ts'
import { tablesMessages as say } from './messages.ts'

interface LinesProps {
  readonly view: TableView
  readonly node: string
  readonly lit: ReadonlyMap<number, Lit>
  /** Draws comments as one sign; copied and spoken text keeps them. */
  readonly foldComments: boolean
}

/** px; the same as in Lines.module.css. */
const LINE = 20
/** Lines drawn above and below what is seen. */
const SPARE = 30

/** A long text of which only what is seen is drawn. The newest lit line scrolls itself into view. */
export function Lines({ view, node, lit, foldComments }: LinesProps) {
  const box = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState({ top: 0, height: 400 })
  const { lines } = view
  const newest = newestOf(lit)

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measure = new ResizeObserver(() => {
      setSeen((before) => ({ ...before, height: element.clientHeight }))
    })
    measure.observe(element)
    return () => {
      measure.disconnect()
    }
  }, [])

  useEffect(() => {
    const element = box.current
    if (!element || newest === undefined) return
    const top = newest * LINE
    const visible = top >= element.scrollTop + LINE && top + 2 * LINE <= element.scrollTop + element.clientHeight
    if (!visible) element.scrollTo({ top: Math.max(0, top - element.clientHeight / 2) })
  }, [newest, view])

  const first = Math.max(0, Math.floor(seen.top / LINE) - SPARE)
  const last = Math.min(lines.length, Math.ceil((seen.top + seen.height) / LINE) + SPARE)
  const widest = useMemo(() => widestOf(lines, foldComments), [lines, foldComments])
  return (
    <div
      ref={box}
      className={css['box']}
      data-fold={foldComments}
      role="region"
      // Scrollable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label={say.text(view.command, node)}
      onScroll={(event) => {
        const { scrollTop } = event.currentTarget
        setSeen((before) => ({ ...before, top: scrollTop }))
      }}
    >
      <div className={css['all']} style={{ blockSize: lines.length * LINE, minInlineSize: `calc(${widest}ch + 24px)` }}>
        {lines.slice(first, last).map(({ text }, i) => {
          const at = first + i
          const how = lit.get(at)
          return (
            <div key={at} className={css['line']} data-lit={how} style={{ insetBlockStart: at * LINE }}>
              <LineText text={text} matched={how === 'now' || how === 'before'} />
              {(how === 'now' || how === 'tried') && <span className="spoken"> ({say[how]})</span>}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** Characters of the longest line as drawn. */
function widestOf(lines: readonly TableLine[], foldComments: boolean): number {
  const drawn = (text: string): number =>
    partsOf(text).reduce((sum, part) => sum + (foldComments && part.kind === 'comment' ? 1 : part.text.length), 0)
  return lines.reduce((width, { text }) => Math.max(width, drawn(text)), 0)
}

/** The last line in the text that this step matched, else the last that it tried. */
function newestOf(lit: ReadonlyMap<number, Lit>): number | undefined {
  let now: number | undefined
  for (const [line, how] of lit) if (how === 'now') now = line
  return now
}
