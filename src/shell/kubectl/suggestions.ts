const commands =
  'annotate api-resources api-versions apply attach auth autoscale certificate cluster-info completion config cordon cp create debug delete describe diff drain edit events exec explain expose get kustomize label logs options patch plugin port-forward proxy replace rollout run scale set taint top uncordon version wait'.split(
    ' ',
  )

/** Whether kubectl has the command, so that only kubehop lacks it. */
export function isCommand(name: string): boolean {
  return commands.includes(name)
}

/** The commands that a mistyped one may mean, in the order in which kubectl has them. */
export function suggestionsFor(name: string): string {
  const like = commands.filter((command) => distance(name, command) <= 2 || command.startsWith(name.toLowerCase()))
  const groups = ['create', 'expose', 'run', 'set', 'explain', 'get', 'edit', 'delete']
  const place = (command: string): number => (groups.includes(command) ? groups.indexOf(command) : groups.length)
  const ordered = [...like].sort((a, b) => place(a) - place(b))
  return name === '' || ordered.length === 0
    ? ''
    : `\n\nDid you mean this?\n${ordered.map((command) => `\t${command}`).join('\n')}`
}

/** How many letters to change, add or drop. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a.charAt(i - 1).toLowerCase() === b.charAt(j - 1).toLowerCase()
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}
