import type { Severity } from '../api/types'
import { severityWords } from './words'
import styles from './SeverityMark.module.css'

interface SeverityMarkProps {
  severity: Severity
  /** The word stands beside it already. */
  decorative?: boolean
}

/** A shape and a colour per severity: each tells it alone. */
export function SeverityMark({ severity, decorative = false }: SeverityMarkProps) {
  const word = severityWords[severity]
  return (
    <span className={styles.mark} title={decorative ? undefined : word}>
      <svg width={12} height={12} viewBox="0 0 12 12" className={styles[severity]} aria-hidden="true">
        {severity === 'CRITICAL' && <path d="M6 0 12 6 6 12 0 6Z" />}
        {severity === 'HIGH' && <path d="M6 .6 12 11.4H0Z" />}
        {severity === 'MEDIUM' && <rect x={0.75} y={0.75} width={10.5} height={10.5} rx={2.5} />}
        {severity === 'LOW' && <circle cx={6} cy={6} r={4.6} fill="none" strokeWidth={1.9} />}
      </svg>
      {!decorative && <span className="visually-hidden">{word}</span>}
    </span>
  )
}
