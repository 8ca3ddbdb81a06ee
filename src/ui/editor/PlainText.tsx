import { memo } from 'react'
import css from './PlainText.module.css'
import { tokenizeYamlLine } from './yamlTokens.ts'

/** The text as Monaco will show it: stands in until the editor is loaded, so that the first paint is the final one. */
export const PlainText = memo(function PlainText({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    // Scrollable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className={css['text']} tabIndex={0} role="region" aria-label={label}>
      {text.split('\n').map((line, i) => (
        <div key={i}>
          {tokenizeYamlLine(line).map((token, j) => (
            <span key={j} data-token={token.kind}>
              {token.text}
            </span>
          ))}
        </div>
      ))}
    </pre>
  )
})
