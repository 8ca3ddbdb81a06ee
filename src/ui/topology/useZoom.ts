import { select } from 'd3-selection'
import { zoom, zoomIdentity } from 'd3-zoom'
import type { D3ZoomEvent, ZoomBehavior } from 'd3-zoom'
import { useEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'
import type { Rect } from '../../view/geometry.ts'

/** How much is worth drawing at the present scale. */
export type ZoomLevel = 'cluster' | 'node' | 'hook'

export interface Zoom {
  readonly level: ZoomLevel
  readonly zoomBy: (factor: number) => void
  /** Shows `home` again, and keeps showing it until the user moves. */
  readonly fit: () => void
}

const SCALES = [0.08, 4] as const
const MARGIN = 8
/** The buttons' column. */
const RIGHT = 40
const MOST_ON_FIT = 1.4

/** Wheel, pinch and drag on `svg` move `viewport`. While the user has not, `home` fills the canvas. */
export function useZoom(
  svg: RefObject<SVGSVGElement | null>,
  viewport: RefObject<SVGGElement | null>,
  home: Rect,
  size: { readonly width: number; readonly height: number },
): Zoom {
  const behaviour = useRef<ZoomBehavior<SVGSVGElement, unknown>>(null)
  const moved = useRef(false)
  const [level, setLevel] = useState<ZoomLevel>('node')
  const [fits, setFits] = useState(0)

  useEffect(() => {
    const element = svg.current
    if (!element) return
    const zooming = zoom<SVGSVGElement, unknown>()
      .scaleExtent([...SCALES])
      .on('zoom', ({ transform, sourceEvent }: D3ZoomEvent<SVGSVGElement, unknown>) => {
        viewport.current?.setAttribute('transform', transform.toString())
        if (sourceEvent) moved.current = true
        setLevel(transform.k < 0.5 ? 'cluster' : transform.k > 1.7 ? 'hook' : 'node')
      })
    behaviour.current = zooming
    const selection = select(element).call(zooming).on('dblclick.zoom', null)
    return () => {
      selection.on('.zoom', null)
    }
  }, [svg, viewport])

  const { x, y, w, h } = home
  const { width, height } = size
  useEffect(() => {
    const element = svg.current
    if (!element || !behaviour.current || moved.current || width === 0 || height === 0) return
    const right = width < 560 ? MARGIN : RIGHT
    const k = Math.min(MOST_ON_FIT, (width - MARGIN - right) / w, (height - 2 * MARGIN) / h)
    const transform = zoomIdentity
      .translate((width + MARGIN - right) / 2 - k * (x + w / 2), height / 2 - k * (y + h / 2))
      .scale(k)
    behaviour.current.transform(select(element), transform)
  }, [x, y, w, h, width, height, fits, svg])

  return {
    level,
    zoomBy: (factor) => {
      if (!svg.current || !behaviour.current) return
      moved.current = true
      behaviour.current.scaleBy(select(svg.current), factor)
    },
    fit: () => {
      moved.current = false
      setFits((n) => n + 1)
    },
  }
}
