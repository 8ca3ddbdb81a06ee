/** What Go's JSON decoder says of a text that is no JSON, for the common ways of being none. */
export function plainJsonError(text: string): string {
  const trimmed = text.trim()
  const [first, second] = [trimmed.charAt(0), trimmed.slice(1).trimStart().charAt(0)]
  if (first === '{' && second !== '"' && second !== '}' && second !== '') {
    return `invalid character '${second}' looking for beginning of object key string`
  }
  if (first !== '{' && first !== '[') return `invalid character '${first}' looking for beginning of value`
  return 'unexpected end of JSON input'
}
