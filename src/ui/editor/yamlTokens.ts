export type YamlTokenKind = 'key' | 'string' | 'comment' | 'plain'

export interface YamlToken {
  readonly kind: YamlTokenKind
  readonly text: string
}

const LINE = /^(\s*(?:- +)*)((?:"[^"]*"|'[^']*'|[^\s#:'"{[][^#:]*?)(?=\s*:(?:\s|$)))?(\s*:(?=\s|$))?(.*?)(\s#.*|^#.*)?$/

/** One line of YAML in the colours of the editor. Rough, but its texts always add up to the line. */
export function tokenizeYamlLine(line: string): readonly YamlToken[] {
  if (/^\s*#/.test(line)) return [{ kind: 'comment', text: line }]
  const match = LINE.exec(line)
  if (!match) return [{ kind: 'plain', text: line }]
  const [, indent = '', key = '', colon = '', value = '', comment = ''] = match
  const isString = value.trim() !== '' && !/^\s*(-?\d+(\.\d+)?|true|false|null|---|[|>[{].*)\s*$/.test(value)
  return [
    { kind: 'plain' as const, text: indent },
    { kind: 'key' as const, text: key },
    { kind: 'plain' as const, text: colon },
    { kind: isString ? ('string' as const) : ('plain' as const), text: value },
    { kind: 'comment' as const, text: comment },
  ].filter((token) => token.text !== '')
}
