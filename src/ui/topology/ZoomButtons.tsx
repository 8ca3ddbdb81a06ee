import css from './ZoomButtons.module.css'
import { topologyMessages as say } from './messages.ts'
import type { Zoom } from './useZoom.ts'

const STEP = 1.3

export function ZoomButtons({ zoom }: { readonly zoom: Zoom }) {
  return (
    <div className={css['buttons']} role="group" aria-label={say.zoom}>
      <button
        type="button"
        aria-label={say.zoomIn}
        title={say.zoomIn}
        onClick={() => {
          zoom.zoomBy(STEP)
        }}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M8 3.5v9M3.5 8h9" />
        </svg>
      </button>
      <button
        type="button"
        aria-label={say.zoomOut}
        title={say.zoomOut}
        onClick={() => {
          zoom.zoomBy(1 / STEP)
        }}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3.5 8h9" />
        </svg>
      </button>
      <button type="button" aria-label={say.fit} title={say.fit} onClick={zoom.fit}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3" />
        </svg>
      </button>
    </div>
  )
}
