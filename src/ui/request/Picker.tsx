import { useState } from 'react'
import type { Choice } from '../../state/choices.ts'
import { NARROW, useMedia } from '../common/useMedia.ts'
import { requestMessages as say } from './messages.ts'
import css from './Picker.module.css'

interface PickerProps {
  readonly label: string
  /** The whole name, for readers of the screen. */
  readonly name: string
  readonly value: string
  readonly choices: readonly Choice[]
  readonly empty: string
  readonly onChange: (value: string) => void
  /** Whether an address of one's own can be typed. */
  readonly typable?: boolean
}

const TYPED = 'typed'

/** A native select with groups; where `typable`, its last line turns it into a text field. */
export function Picker({ label, name, value, choices, empty, onChange, typable = false }: PickerProps) {
  const listed = choices.some((choice) => choice.value === value)
  const [typing, setTyping] = useState(!listed && value !== '')
  const narrow = useMedia(NARROW)
  const groups = [...new Set(choices.map((choice) => choice.group))]
  return (
    <div className={css['picker']} data-wide={typable}>
      <span aria-hidden="true">{label}</span>
      {typable && (typing || (!listed && value !== '')) ? (
        <>
          <input
            aria-label={say.typedName}
            placeholder={say.typedHint}
            defaultValue={value}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => {
              onChange(event.target.value.trim())
            }}
          />
          <button
            type="button"
            className={css['back']}
            aria-label={say.back}
            title={say.back}
            onClick={() => {
              setTyping(false)
              onChange(choices[0]?.value ?? '')
            }}
          >
            ×
          </button>
        </>
      ) : (
        <select
          aria-label={name}
          value={value}
          onChange={(event) => {
            if (event.target.value === TYPED) setTyping(true)
            else onChange(event.target.value)
          }}
        >
          {choices.length === 0 && <option value="">{empty}</option>}
          {groups.map((group) => (
            <optgroup key={group} label={say.groups[group]}>
              {choices
                .filter((choice) => choice.group === group)
                .map((choice) => (
                  <option key={choice.value} value={choice.value}>
                    {narrow || choice.address === undefined ? choice.name : `${choice.name} · ${choice.address}`}
                  </option>
                ))}
            </optgroup>
          ))}
          {typable && <option value={TYPED}>{say.typed}</option>}
        </select>
      )}
    </div>
  )
}
