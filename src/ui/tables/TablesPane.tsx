import { useMemo, useState } from 'react'
import { nodeNames, selectPacketNode, selectTablesNode, selectTrace } from '../../state/select.ts'
import { Tabs } from '../common/Tabs.tsx'
import { useApp } from '../common/useApp.ts'
import { chooseView, isLitNow } from './chooseView.ts'
import { Lines } from './Lines.tsx'
import { litLines } from './litLines.ts'
import type { Lit } from './litLines.ts'
import { tablesMessages as say } from './messages.ts'
import css from './TablesPane.module.css'
import { visibleViews } from './visibleViews.ts'

const PANEL = 'node-table'
const NOTHING: ReadonlyMap<number, Lit> = new Map()

/** What the tools on a node print now, with the lines that the request has matched lit. */
export function TablesPane() {
  const node = useApp(selectTablesNode)
  const tables = useApp((state) => (node === undefined ? undefined : state.tables.data.get(node)))
  const wanted = useApp((state) => state.tables.view)
  const showTable = useApp((state) => state.showTable)
  const trace = useApp(selectTrace)
  const cursor = useApp((state) => state.trace.cursor)
  const views = useMemo(() => (tables ? visibleViews(tables) : []), [tables])
  const lit = useMemo(
    () =>
      new Map(
        trace && node !== undefined ? views.map((each) => [each.id, litLines(each, node, trace, cursor)] as const) : [],
      ),
    [views, trace, node, cursor],
  )
  const view = chooseView(views, wanted, lit)
  const [comments, setComments] = useState(false)
  const otherMode = trace && tables && trace.mode !== tables.mode && trace.mode !== 'mixed' ? trace.mode : undefined
  return (
    <div className={css['pane']}>
      <div className={css['head']}>
        {tables && view ? (
          <Tabs
            label={say.views}
            panel={PANEL}
            active={view.id}
            onSelect={showTable}
            items={views.map(({ id, command }) => ({
              id,
              name: isLitNow(lit.get(id)) ? say.named(say.short[id] ?? command) : (say.short[id] ?? command),
              label: (
                <>
                  {say.short[id] ?? command}
                  {isLitNow(lit.get(id)) && <span className={css['lit']} />}
                </>
              ),
            }))}
          />
        ) : (
          <span />
        )}
        <span className={css['tools']}>
          {view?.id === 'iptables' && (
            <label>
              <input
                type="checkbox"
                checked={comments}
                onChange={(event) => {
                  setComments(event.target.checked)
                }}
              />
              {say.comments}
            </label>
          )}
          <NodePicker />
        </span>
      </div>
      {otherMode !== undefined && <p className={css['note']}>{say.stepInOtherMode(otherMode)}</p>}
      <div id={PANEL} role="tabpanel" aria-label={view?.command ?? say.views} className={css['body']}>
        {!view || node === undefined ? (
          <p className={css['empty']}>{say.waiting}</p>
        ) : view.lines.length === 0 ? (
          <p className={css['empty']}>{view.empty}</p>
        ) : (
          <Lines
            key={`${node} ${view.id}`}
            view={view}
            node={node}
            lit={lit.get(view.id) ?? NOTHING}
            foldComments={!comments}
          />
        )}
      </div>
    </div>
  )
}

/** Follows the packet until a node is chosen. */
function NodePicker() {
  const objects = useApp((state) => state.cluster.objects)
  const pinned = useApp((state) => state.tables.pinned)
  const here = useApp((state) =>
    state.tables.pinned === undefined ? selectTablesNode(state) : selectPacketNode(state),
  )
  const pinNode = useApp((state) => state.pinNode)
  const names = useMemo(() => nodeNames(objects), [objects])
  return (
    <label>
      <span className="spoken">{say.node}</span>
      <select
        title={say.followHint}
        value={pinned ?? ''}
        onChange={(event) => {
          pinNode(event.target.value === '' ? undefined : event.target.value)
        }}
      >
        <option value="">{here === undefined ? say.followPlain : say.follow(here)}</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
}
