import { useEffect } from 'react'
import { stopsOf } from '../../state/stops.ts'
import { selectTrace } from '../../state/select.ts'
import { hopAt, hopsOf } from '../../view/hops.ts'
import { dwellMs } from '../../view/playback.ts'
import { stepsOf, topologyOf } from '../../view/remember.ts'
import { useApp, useAppStore } from '../common/useApp.ts'

/** While playing: waits as long as the present step needs, then goes to the next. Stands still in a hidden page. */
export function usePlayer(): void {
  const store = useAppStore()
  const playing = useApp((state) => state.trace.playing)
  const cursor = useApp((state) => state.trace.cursor)
  const speed = useApp((state) => state.trace.speed)
  const granularity = useApp((state) => state.trace.granularity)
  const trace = useApp(selectTrace)
  useEffect(() => {
    if (!playing || !trace) return
    const { seek, setPlaying, cluster } = store.getState()
    const next = stopsOf(trace, granularity).find((stop) => stop > cursor)
    if (next === undefined) {
      setPlaying(false)
      return
    }
    const step = stepsOf(trace, topologyOf(cluster.objects))[hopAt(hopsOf(trace), cursor)]
    if (!step) return
    let timer = 0
    const wait = (): void => {
      timer = window.setTimeout(
        () => {
          if (document.hidden) wait()
          else seek(next)
        },
        dwellMs(step, granularity, speed),
      )
    }
    wait()
    return () => {
      window.clearTimeout(timer)
    }
  }, [store, playing, trace, cursor, speed, granularity])
}
