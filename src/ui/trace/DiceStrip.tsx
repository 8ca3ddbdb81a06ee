import type { Choice } from '../../view/choice.ts'
import { formatAddress, formatChance } from '../../view/format.ts'
import type { Names } from '../../view/sentence.ts'
import css from './DiceStrip.module.css'
import { traceMessages as say } from './messages.ts'

const MOST = 8

/** The candidates as lengths of a bar, each as long as its chance; the winner lit, the draw as a needle. */
export function DiceStrip({ choice, names }: { readonly choice: Choice; readonly names: Names }) {
  const { candidates, chosen } = choice
  const needle = needleOf(choice)
  const small = candidates.length > MOST
  return (
    <figure className={css['figure']} aria-label={say.dice}>
      <ol className={css['strip']} data-small={small}>
        {candidates.map((candidate, i) => {
          const address = candidate.address ? formatAddress(candidate.address) : candidate.label
          const name = candidate.address && names.get(candidate.address.ip)
          const full = `${name === undefined ? '' : `${name}, `}${address}, ${say.chance(formatChance(candidate.probability))}${i === chosen ? `, ${say.chosen}` : ''}`
          return (
            <li key={address} style={{ flexGrow: candidate.probability }} data-won={i === chosen} title={full}>
              <span aria-hidden="true">{small && i !== chosen ? '' : ending(name ?? address)}</span>
              <span className="spoken">{full}</span>
            </li>
          )
        })}
      </ol>
      {needle !== undefined && <i className={css['needle']} style={{ insetInlineStart: `${needle * 100}%` }} />}
    </figure>
  )
}

/** Where the draws fell, on the scale of the whole bar: a lost roll goes on in what is left. */
function needleOf({ by, rolls }: Choice): number | undefined {
  if (by === 'nftables') return rolls[0]?.roll
  if (by !== 'iptables') return undefined
  const last = rolls.at(-1)
  if (!last) return undefined
  let start = 0
  let left = 1
  for (const { probability, won } of rolls) {
    if (won) break
    start += left * probability
    left *= 1 - probability
  }
  if (!last.won) return start + left / 2
  return start + left * last.roll
}

const ending = (name: string): string => (name.includes('…-') ? `…${name.slice(name.lastIndexOf('-') + 1)}` : name)
