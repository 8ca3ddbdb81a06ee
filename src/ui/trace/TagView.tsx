import type { Tag } from '../../view/step.ts'
import css from './TagView.module.css'

export function TagView({ tag }: { readonly tag: Tag }) {
  return (
    <span className={css['tag']} data-tone={tag.tone}>
      {tag.text}
    </span>
  )
}
