import type { Status } from '../api/types'
import { statusWords } from './words'
import styles from './StatusMark.module.css'

export function StatusMark({ status }: { status: Status }) {
  return (
    <span className={styles.status} title={statusWords[status]}>
      <StatusGlyph status={status} />
      <span className="label">{statusWords[status]}</span>
    </span>
  )
}

export const StatusGlyph = ({ status }: { status: Status }) => (
  <svg width={11} height={11} viewBox="0 0 12 12" className={styles[status]} aria-hidden="true">
    <circle cx={6} cy={6} r={4.8} strokeWidth={1.4} />
    {status === 'IN_PROGRESS' && <path className={styles.fill} d="M6 3a3 3 0 0 1 0 6Z" />}
    {status === 'WAITING' && <path strokeWidth={1.4} d="M4.7 4.3v3.4 M7.3 4.3v3.4" />}
    {status === 'PENDING_APPROVAL' && <circle className={styles.fill} cx={6} cy={6} r={2} />}
    {status === 'RESOLVED' && <path strokeWidth={1.5} d="m3.8 6.2 1.6 1.5 2.8-3.2" />}
  </svg>
)
