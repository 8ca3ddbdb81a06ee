const HEADLINE = 40

/** Moves the focus from `from` to the nearest button of the canvas that lies in the arrow's direction. */
export function walkGraph(canvas: SVGSVGElement, from: Element, key: string): boolean {
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key]
  if (!direction) return false
  const [dx = 0, dy = 0] = direction
  const here = middleOf(from)
  let best: SVGGElement | undefined
  let least = Infinity
  for (const other of canvas.querySelectorAll<SVGGElement>('[data-graph]')) {
    if (other === from) continue
    const there = middleOf(other)
    const along = (there.x - here.x) * dx + (there.y - here.y) * dy
    const aside = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx)
    if (along < 2) continue
    const cost = along + 2.5 * aside
    if (cost < least) {
      least = cost
      best = other
    }
  }
  best?.focus()
  return best !== undefined
}

function middleOf(element: Element): { readonly x: number; readonly y: number } {
  const { left, top, width, height: all } = element.getBoundingClientRect()
  // A node's box holds all the others: its place is its headline.
  const height = element.getAttribute('data-graph')?.startsWith('Node/') === true ? Math.min(all, HEADLINE) : all
  return { x: left + width / 2, y: top + height / 2 }
}
