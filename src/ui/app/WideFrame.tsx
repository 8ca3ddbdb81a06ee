import type { CSSProperties } from 'react'
import { useApp } from '../common/useApp.ts'
import { EditorPane } from '../editor/EditorPane.tsx'
import { RequestBar } from '../request/RequestBar.tsx'
import { TablesPane } from '../tables/TablesPane.tsx'
import { Topology } from '../topology/Topology.tsx'
import { TracePanel } from '../trace/TracePanel.tsx'
import { Transport } from '../transport/Transport.tsx'
import { Banners } from './Banners.tsx'
import { Pane } from './Pane.tsx'
import { Splitter } from './Splitter.tsx'
import { TopBar } from './TopBar.tsx'
import type { TopBarProps } from './TopBar.tsx'
import css from './WideFrame.module.css'
import { appMessages } from './messages.ts'

/** Everything at once: manifests, cluster with the node's tables below, trace, transport. */
export function WideFrame(props: TopBarProps) {
  const { manifests, tables, trace } = useApp((state) => state.layout.panes)
  const sizes = {
    '--manifests': manifests.collapsed ? 'auto' : `${manifests.size}px`,
    '--tables': tables.collapsed ? 'auto' : `${tables.size}px`,
    '--trace': trace.collapsed ? 'auto' : `${trace.size}px`,
    '--manifests-min': manifests.collapsed ? '0px' : `${Math.min(manifests.size, 236)}px`,
    // Two addresses with their ports side by side.
    '--trace-min': trace.collapsed ? '0px' : `${Math.min(trace.size, 332)}px`,
  } as CSSProperties
  return (
    <div className={css['frame']} style={sizes}>
      <TopBar {...props} />
      <Banners />
      <main className={css['middle']}>
        <Pane name="manifests">
          <EditorPane />
        </Pane>
        <Splitter pane="manifests" side="left" />
        <section className={css['centre']} aria-label={appMessages.cluster}>
          <RequestBar />
          <div className={css['canvas']}>
            <Topology />
          </div>
          <Splitter pane="tables" side="below" />
          <Pane name="tables">
            <TablesPane />
          </Pane>
        </section>
        <Splitter pane="trace" side="right" />
        <Pane name="trace">
          <TracePanel />
        </Pane>
      </main>
      <footer className={css['transport']} aria-label={appMessages.transport}>
        <Transport />
      </footer>
    </div>
  )
}
