/** Character codes of the hexadecimal digits. */
const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

function digit(word: number, place: number): number {
  return digits[(word >>> place) & 15] ?? 0
}

/** `word`, an unsigned 32-bit number, as eight hexadecimal digits. */
export function hex8(word: number): string {
  // Digit by digit: what is above 2^31 takes the slow road of doubles through `toString`.
  return String.fromCharCode(
    digit(word, 28),
    digit(word, 24),
    digit(word, 20),
    digit(word, 16),
    digit(word, 12),
    digit(word, 8),
    digit(word, 4),
    digit(word, 0),
  )
}

const dash = 45

/** 128 bits as a UUID, four of them replaced by the version, two by the variant of RFC 9562. In one piece: every object has one. */
export function uuid(a: number, b: number, c: number, d: number, version: number): string {
  return String.fromCharCode(
    digit(a, 28),
    digit(a, 24),
    digit(a, 20),
    digit(a, 16),
    digit(a, 12),
    digit(a, 8),
    digit(a, 4),
    digit(a, 0),
    dash,
    digit(b, 28),
    digit(b, 24),
    digit(b, 20),
    digit(b, 16),
    dash,
    digit(version, 0),
    digit(b, 8),
    digit(b, 4),
    digit(b, 0),
    dash,
    digits[((c >>> 28) & 3) | 8] ?? 0,
    digit(c, 24),
    digit(c, 20),
    digit(c, 16),
    dash,
    digit(c, 12),
    digit(c, 8),
    digit(c, 4),
    digit(c, 0),
    digit(d, 28),
    digit(d, 24),
    digit(d, 20),
    digit(d, 16),
    digit(d, 12),
    digit(d, 8),
    digit(d, 4),
    digit(d, 0),
  )
}
