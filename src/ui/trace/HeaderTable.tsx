import type { HeaderRow } from '../../view/header.ts'
import css from './HeaderTable.module.css'
import { traceMessages as say } from './messages.ts'

/** The packet's header In and Out; a change has its old value struck, its new one bold, and a word. */
export function HeaderTable({ rows }: { readonly rows: readonly HeaderRow[] }) {
  if (rows.length === 0) return null
  const hasIn = rows.some(({ before }) => before !== undefined)
  return (
    <table className={css['table']} aria-label={say.header}>
      <thead>
        <tr>
          <td />
          {hasIn && <th scope="col">{say.in}</th>}
          <th scope="col">{say.out}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, before, after, change }) => (
          <tr key={name} data-changed={change !== undefined}>
            <th scope="row">{say.fields[name]}</th>
            {hasIn && <td>{change === undefined ? before : <s>{before}</s>}</td>}
            <td>
              <span key={after} className={css['value']}>
                {change === undefined ? after : <b>{after}</b>}
              </span>
              {change !== undefined && <span className={css['word']}>{change}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
