import { useId, useState, type ReactNode } from 'react'
import { Button } from '../../ui/Button'
import styles from './FacetPanel.module.css'

export interface FacetLine {
  value: string
  label: string
  count: number
  chosen: boolean
  mark: ReactNode
}

interface FacetGroupProps {
  title: string
  lines: FacetLine[]
  /** The counts have arrived. */
  known: boolean
  onToggle: (value: string) => void
}

const shortLength = 9

export function FacetGroup({ title, lines, known, onToggle }: FacetGroupProps) {
  const [all, setAll] = useState(false)
  const titleId = useId()
  const most = Math.max(1, ...lines.map((line) => line.count))
  const shown =
    all || lines.length <= shortLength ? lines : lines.filter((line, at) => at < shortLength - 1 || line.chosen)
  if (lines.length === 0) return null
  return (
    <div role="group" aria-labelledby={titleId} className={styles.group}>
      <h2 id={titleId}>{title}</h2>
      {shown.map((line) => (
        <label key={line.value} className={styles.line} data-empty={known && line.count === 0 && !line.chosen}>
          <input type="checkbox" checked={line.chosen} onChange={() => onToggle(line.value)} />
          {line.mark ? <span className={styles.mark}>{line.mark}</span> : null}
          <span className={styles.label} title={line.label}>
            {line.label}
          </span>
          <span className={styles.bar} aria-hidden="true">
            <span style={{ width: `${(line.count / most) * 100}%` }} />
          </span>
          <span className={styles.count}>{known ? line.count.toLocaleString('en-US') : ''}</span>
        </label>
      ))}
      {shown.length < lines.length || all ? (
        <Button look="quiet" className={styles.more} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show ${lines.length - shown.length} more`}
        </Button>
      ) : null}
    </div>
  )
}
