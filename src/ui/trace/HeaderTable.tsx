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
          <tr key={name} data-changed={change !== undefined} data-field={name} data-long={after.length > 20}>
            <th scope="row">{say.fields[name]}</th>
            {hasIn && (
              <td>
                <span className={css['value']}>
                  {change === undefined || before === after ? before : <s>{before}</s>}
                </span>
              </td>
            )}
            <td>
              <span key={after} className={css['value']} data-flip={change !== undefined}>
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
