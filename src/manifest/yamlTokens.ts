import type { Mark } from './yamlCursor.ts'

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

/** The words of YAML. Block starts and ends come from the indentation. */
export type Token = { readonly start: Mark; readonly end: Mark } & (
  | {
      readonly type:
        | 'streamStart'
        | 'streamEnd'
        | 'documentStart'
        | 'documentEnd'
        | 'blockSequenceStart'
        | 'blockMappingStart'
        | 'blockEnd'
        | 'flowSequenceStart'
        | 'flowSequenceEnd'
        | 'flowMappingStart'
        | 'flowMappingEnd'
        | 'flowEntry'
        | 'blockEntry'
        | 'key'
        | 'value'
    }
  | { readonly type: 'version'; readonly major: number; readonly minor: number }
  | { readonly type: 'tagDirective'; readonly handle: string; readonly prefix: string }
  | { readonly type: 'alias' | 'anchor'; readonly name: string }
  | { readonly type: 'tag'; readonly handle: string; readonly suffix: string }
  | { readonly type: 'scalar'; readonly value: string; readonly style: ScalarStyle }
)

export type TokenType = Token['type']

/** A token that turns out to be a key when a colon comes behind it on its line. */
export interface SimpleKey {
  readonly possible: boolean
  readonly required: boolean
  /** Number of the token that would become the key. */
  readonly token: number
  readonly mark: Mark
}
