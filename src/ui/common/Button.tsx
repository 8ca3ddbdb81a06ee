import type { ComponentProps } from 'react'
import css from './Button.module.css'

interface ButtonProps extends ComponentProps<'button'> {
  /** `primary` is for the one thing that most people come to do. */
  readonly look?: 'primary' | 'outline' | 'quiet'
  /** The key that does the same, drawn beside the text. */
  readonly shortcut?: string
}

export function Button({ look = 'outline', shortcut, children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={css['button']} data-look={look} {...rest}>
      {children}
      {shortcut !== undefined && <kbd aria-hidden="true">{shortcut}</kbd>}
    </button>
  )
}
