import { useId } from 'react'
import type { Field } from './forms'
import styles from './BulkDialog.module.css'

const types = { line: 'text', time: 'datetime-local', day: 'date' } as const

interface BulkFieldProps {
  field: Field
  value: string
  onChange: (value: string) => void
}

export function BulkField({ field, value, onChange }: BulkFieldProps) {
  const id = useId()
  const hint = `${id}-hint`
  const common = {
    id,
    value,
    required: !field.optional,
    'aria-describedby': field.hint ? hint : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  }
  return (
    <div className={styles.field}>
      <label htmlFor={id}>
        {field.label} {field.optional ? <span className={styles.mute}>optional</span> : null}
      </label>
      {field.kind === 'choice' ? (
        <select {...common}>
          <option value="">Choose…</option>
          {field.options?.map(({ code, label }) => (
            <option key={code} value={code}>
              {label}
            </option>
          ))}
        </select>
      ) : field.kind === 'text' ? (
        <textarea {...common} />
      ) : (
        <input {...common} type={types[field.kind]} autoComplete="off" />
      )}
      {field.hint ? (
        <p id={hint} className={styles.mute}>
          {field.hint}
        </p>
      ) : null}
    </div>
  )
}
