/** Splits a command line as a POSIX shell does: quotes and backslashes, no expansions. Undefined: an unclosed quote. */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i)
    if (c === ' ' || c === '\t' || c === '\n') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (c === "'") {
      const end = line.indexOf("'", i + 1)
      if (end < 0) return undefined
      word = (word ?? '') + line.slice(i + 1, end)
      i = end
    } else if (c === '"') {
      word ??= ''
      for (i++; line.charAt(i) !== '"'; i++) {
        if (i >= line.length) return undefined
        const escaped = line.charAt(i) === '\\' && '"\\$`'.includes(line.charAt(i + 1)) && i + 1 < line.length
        if (escaped) i++
        word += line.charAt(i)
      }
    } else if (c === '\\') {
      i++
      word = (word ?? '') + line.charAt(i)
    } else if (c === '#' && word === undefined) {
      break
    } else {
      word = (word ?? '') + c
    }
  }
  if (word !== undefined) words.push(word)
  return words
}
