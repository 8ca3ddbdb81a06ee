import { describe, expect, it } from 'vitest'
import { base32Sha256 } from './hash.ts'
import { createRandom } from './random.ts'

describe('createRandom', () => {
  it('gives the same stream for the same seed and name', () => {
    const draw = (seed: number, name: string): number[] => {
      const random = createRandom(seed).fork(name)
      return [random.u32(), random.u32(), random.u32()]
    }
    expect(draw(1, 'node01/statistic')).toEqual(draw(1, 'node01/statistic'))
    expect(draw(1, 'node01/statistic')).not.toEqual(draw(1, 'node02/statistic'))
    expect(draw(1, 'node01/statistic')).not.toEqual(draw(2, 'node01/statistic'))
  })

  it('does not let a fork shift its parent', () => {
    const [a, b] = [createRandom(7), createRandom(7)]
    a.fork('x').u32()
    expect(a.u32()).toBe(b.u32())
  })

  it('is uniform enough: 3 bins of 30,000 draws within 2 %', () => {
    const random = createRandom(42)
    const bins = [0, 0, 0]
    for (let i = 0; i < 30_000; i++) bins[random.below(3)]!++
    for (const bin of bins) expect(Math.abs(bin - 10_000)).toBeLessThan(200)
  })
})

describe.each(['first', 'second'])('the %s draws of streams that are named by number', (which) => {
  const draws = Array.from({ length: 3_000 }, (_, i) => {
    const stream = createRandom(1).fork(`request ${i}`)
    if (which === 'second') stream.next()
    return stream.next()
  })

  it('fill three bins alike', () => {
    const bins = [0, 0, 0]
    for (const draw of draws) bins[Math.floor(draw * 3)]!++
    for (const bin of bins) expect(Math.abs(bin - 1_000)).toBeLessThan(100)
  })

  it('do not follow each other: the next is in the same third one time in three', () => {
    const third = (draw: number | undefined): number => Math.floor((draw ?? 0) * 3)
    const same = draws.slice(1).filter((draw, i) => third(draw) === third(draws[i])).length
    expect(Math.abs(same - 1_000)).toBeLessThan(100)
  })
})

describe('base32Sha256: chain-name hashes that real clusters show', () => {
  it.each([
    ['default/kubernetes:httpstcp', 'NPX46M4PTMTKRN6Y'],
    ['kube-system/kube-dns:dnsudp', 'TCOU7JCQXEZGVUNU'],
    ['kube-system/kube-dns:dns-tcptcp', 'ERIFXISQEP7F7OF4'],
    ['default/webtcp', 'LOLE4ISW44XBNF3G'],
  ])('%s is %s', (text, want) => {
    expect(base32Sha256(text, 16)).toBe(want)
  })
})
