import { expect, it } from 'vitest'
import { createRandom } from '../../base/random.ts'
import { createStore } from '../../store/store.ts'
import { eachKeyInTurn } from './busyKeys.ts'
import type { Context } from '../controller.ts'

it('a key whose sync is under way waits for its end; others do not', () => {
  const done: string[] = []
  const reconcile = eachKeyInTurn((_context, key) => {
    done.push(key)
    return { writes: [], busyMs: key === 'big' ? 50 : 0 }
  })
  const at = (now: number): Context => ({ snapshot: createStore(createRandom(1)), now, random: createRandom(1) })
  expect(reconcile(at(0), ['big', 'small']).again).toEqual([])
  expect(reconcile(at(20), ['big', 'small']).again).toEqual([{ key: 'big', at: 50 }])
  expect(reconcile(at(50), ['big']).again).toEqual([])
  expect(done).toEqual(['big', 'small', 'small', 'big'])
})
