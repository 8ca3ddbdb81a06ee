import type { JournalEntry } from '../netfilter/matchState.ts'

/** Per node name: `table rule-text` of every rule in its journal, sorted, each once; nodes without any are left out. */
export function matchedRules(
  journals: readonly { readonly name: string; readonly entries: readonly JournalEntry[] }[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    journals.flatMap(({ name, entries }) => {
      const texts = textsOf(entries)
      return texts.length > 0 ? [[name, texts]] : []
    }),
  )
}

function textsOf(entries: readonly JournalEntry[]): readonly string[] {
  const texts = new Set<string>()
  for (const { rule, table } of entries) {
    // iptables-save writes two blanks in one place; as a name of the rule one is enough.
    if (rule) texts.add(`${table} ${rule.text.replace('--nfacct-name  ', '--nfacct-name ')}`)
  }
  return [...texts].sort()
}
