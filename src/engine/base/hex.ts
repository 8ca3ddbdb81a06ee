/** `word`, an unsigned 32-bit number, as eight hexadecimal digits. */
export function hex8(word: number): string {
  // The digit in front keeps the zeros: faster than filling them up, and every object has a uid of four words.
  return (word + 0x100000000).toString(16).slice(1)
}
