import { useState } from 'react'
import type { Tab } from '../../state/appState.ts'
import { Tabs } from '../common/Tabs.tsx'
import { useApp } from '../common/useApp.ts'
import { PHONE, useMedia } from '../common/useMedia.ts'
import { EditorPane } from '../editor/EditorPane.tsx'
import { RequestBar } from '../request/RequestBar.tsx'
import { TablesPane } from '../tables/TablesPane.tsx'
import { Topology } from '../topology/Topology.tsx'
import { TracePanel } from '../trace/TracePanel.tsx'
import { Clock } from '../transport/Clock.tsx'
import { Transport } from '../transport/Transport.tsx'
import { Banners } from './Banners.tsx'
import css from './NarrowFrame.module.css'
import { OriginBar } from './OriginBar.tsx'
import { NarrowTopBar } from './TopBar.tsx'
import type { TopBarProps } from './TopBar.tsx'
import { appMessages as say } from './messages.ts'

const TABS: readonly Tab[] = ['cluster', 'yaml', 'trace', 'tables']
const PANEL = 'view'

/** One view at a time; below the cluster a sheet with what is selected and the current step, that folds away. */
export function NarrowFrame({ share, reset, back }: TopBarProps) {
  const tab = useApp((state) => state.layout.tab)
  const showTab = useApp((state) => state.showTab)
  const told = useApp((state) => state.trace.current >= 0 || state.trace.selection !== undefined)
  const [sheet, setSheet] = useState(true)
  const phone = useMedia(PHONE)
  return (
    <div className={css['frame']}>
      <NarrowTopBar share={share} />
      <OriginBar reset={reset} back={back} />
      <Banners />
      <main className={css['main']}>
        <div id={PANEL} role="tabpanel" aria-label={say.tabs[tab]} className={css['view']} data-tab={tab}>
          {tab === 'cluster' && (
            <>
              <RequestBar />
              <div className={css['canvas']}>
                <Topology />
              </div>
              {told && (
                <section className={css['sheet']} data-open={sheet} aria-label={say.sheet}>
                  <button
                    type="button"
                    className={css['grab']}
                    aria-expanded={sheet}
                    aria-label={sheet ? say.sheetClose : say.sheetOpen}
                    onClick={() => {
                      setSheet(!sheet)
                    }}
                  />
                  {sheet && <TracePanel compact />}
                </section>
              )}
            </>
          )}
          {tab === 'yaml' && <EditorPane />}
          {tab === 'trace' && <TracePanel />}
          {tab === 'tables' && (
            <>
              {phone && (
                <div className={css['clock']}>
                  <Clock />
                </div>
              )}
              <TablesPane />
            </>
          )}
        </div>
      </main>
      <footer className={css['transport']} aria-label={say.transport}>
        <Transport />
      </footer>
      <nav aria-label={say.views} className={css['tabs']}>
        <Tabs
          look="bar"
          label={say.views}
          panel={PANEL}
          active={tab}
          onSelect={showTab}
          items={TABS.map((id) => ({ id, label: say.tabs[id] }))}
        />
      </nav>
    </div>
  )
}
