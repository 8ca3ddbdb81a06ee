/** One figure of `npm run bench`. A file `NAME.bench.ts` exports `bench(): Row[] | Promise<Row[]>`. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it should be, for the reader: `< 20 ms`, `>= 200,000 /s`. */
  readonly target?: string
}
