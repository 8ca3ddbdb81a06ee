/** One element of Go's RFC 3339 layout: what it takes, and the numbers that are in range. */
interface Element {
  readonly layout: string
  readonly text: RegExp
  readonly name?: string
  readonly range?: readonly [number, number]
}

const literal = (text: string): Element => ({ layout: text, text: new RegExp(`^[${text}]`) })

const elements: readonly Element[] = [
  { layout: '2006', text: /^\d{4}/ },
  literal('-'),
  { layout: '01', text: /^\d\d/, name: 'month', range: [1, 12] },
  literal('-'),
  { layout: '02', text: /^\d\d/ },
  literal('T'),
  { layout: '15', text: /^\d\d/, name: 'hour', range: [0, 23] },
  literal(':'),
  { layout: '04', text: /^\d\d/, name: 'minute', range: [0, 59] },
  literal(':'),
  { layout: '05', text: /^\d\d(?:[.,]\d+)?/, name: 'second', range: [0, 59] },
  { layout: 'Z07:00', text: /^(?:Z|[+-]\d\d:\d\d)/ },
]

/** Why Go cannot read `text` as an RFC 3339 time; undefined: it can. Source: Go's time.Parse. */
export function timeFault(text: string): string | undefined {
  const subject = `parsing time ${JSON.stringify(text)}`
  let rest = text
  const read: string[] = []
  for (const { layout, text: pattern, name, range } of elements) {
    const found = pattern.exec(rest)?.[0]
    if (found === undefined) {
      const left = JSON.stringify(rest)
      return `${subject} as "2006-01-02T15:04:05Z07:00": cannot parse ${left} as ${JSON.stringify(layout)}`
    }
    const value = Number.parseInt(found, 10)
    if (range && name !== undefined && (value < range[0] || value > range[1])) return `${subject}: ${name} out of range`
    read.push(found)
    rest = rest.slice(found.length)
  }
  if (rest !== '') return `${subject}: extra text: ${JSON.stringify(rest)}`
  const [year, , month, , day] = read.map(Number)
  return isDay(year ?? 0, month ?? 0, day ?? 0) ? undefined : `${subject}: day out of range`
}

function isDay(year: number, month: number, day: number): boolean {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return day >= 1 && day <= (days[month - 1] ?? 0)
}
