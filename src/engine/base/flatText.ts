/**
 * `text` in one piece of memory. Engines keep a text that was put together with `+` as a tree of its pieces, several times
 * its size, until somebody reads a character of it: texts that are kept for long are better read at once.
 */
export function flatText<T extends string>(text: T): T {
  text.charCodeAt(0)
  return text
}
