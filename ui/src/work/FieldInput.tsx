import { useId } from 'react'
import type { Field } from './forms'
import { Button } from '../ui/Button'
import styles from './CommandDialog.module.css'

interface FieldInputProps {
  field: Field
  value: string
  /** What the server says against the value. */
  fault: string | undefined
  onChange: (value: string) => void
}

const types = { line: 'text', time: 'datetime-local', day: 'date' } as const

export function FieldInput({ field, value, fault, onChange }: FieldInputProps) {
  const id = useId()
  const about = `${id}-about`
  const common = {
    id,
    name: field.name,
    value,
    required: !field.optional,
    'aria-invalid': fault !== undefined,
    'aria-describedby': field.hint || fault ? about : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  }
  return (
    <div className={styles.field}>
      <label htmlFor={id}>
        {field.label} {field.optional ? <span className={styles.mute}>optional</span> : null}
      </label>
      {field.presets ? (
        <div className={styles.presets}>
          {field.presets.map((preset) => (
            <Button key={preset.value} aria-pressed={value === preset.value} onClick={() => onChange(preset.value)}>
              {preset.label}
            </Button>
          ))}
        </div>
      ) : null}
      {field.kind === 'choice' ? (
        <select {...common}>
          <option value="">Choose…</option>
          {field.options?.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      ) : field.kind === 'text' ? (
        <textarea {...common} rows={3} />
      ) : (
        <input {...common} type={types[field.kind]} autoComplete="off" spellCheck={false} />
      )}
      {field.hint || fault ? (
        <p id={about} className={fault ? styles.error : styles.mute}>
          {fault ?? field.hint}
        </p>
      ) : null}
    </div>
  )
}
