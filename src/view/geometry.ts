/** Whole px, y downwards. */
export interface Point {
  readonly x: number
  readonly y: number
}

export interface Rect {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export function moved(rect: Rect, by: Point): Rect {
  return { x: rect.x + by.x, y: rect.y + by.y, w: rect.w, h: rect.h }
}

export function shifted(points: readonly Point[], by: Point): readonly Point[] {
  return points.map(({ x, y }) => ({ x: x + by.x, y: y + by.y }))
}

export function centre({ x, y, w, h }: Rect): Point {
  return { x: Math.round(x + w / 2), y: Math.round(y + h / 2) }
}

/** Without repeated points and without corners that are none. */
export function simplified(points: readonly Point[]): readonly Point[] {
  const out: Point[] = []
  for (const point of points) {
    const last = out.at(-1)
    if (last?.x === point.x && last.y === point.y) continue
    const before = out.at(-2)
    if (last && before && straight(before, last, point)) out.pop()
    out.push(point)
  }
  return out
}

/** SVG path data through `points`, corners rounded by `radius`. */
export function pathData(points: readonly Point[], radius = 5): string {
  const [first] = points
  if (!first) return ''
  let d = `M${first.x} ${first.y}`
  for (let i = 1; i < points.length; i += 1) {
    const [a, b, c] = [points[i - 1], points[i], points[i + 1]]
    if (!a || !b) break
    if (!c) {
      d += `L${b.x} ${b.y}`
      break
    }
    const r = Math.min(radius, distance(a, b) / 2, distance(b, c) / 2)
    const from = towards(b, a, r)
    const to = towards(b, c, r)
    d += `L${from.x} ${from.y}Q${b.x} ${b.y} ${to.x} ${to.y}`
  }
  return d
}

function distance(a: Point | undefined, b: Point | undefined): number {
  return a && b ? Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2) : 0
}

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to)
  if (length === 0) return from
  return { x: round(from.x + ((to.x - from.x) * by) / length), y: round(from.y + ((to.y - from.y) * by) / length) }
}

const round = (n: number): number => Math.round(n * 10) / 10

/** Whether `b` lies on the way from `a` to `c`, both legs in the same direction. */
function straight(a: Point, b: Point, c: Point): boolean {
  const cross = (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x)
  const dot = (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y)
  return cross === 0 && dot > 0
}
