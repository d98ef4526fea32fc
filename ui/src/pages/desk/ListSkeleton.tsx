import { PendingRow } from './ExceptionRow'
import styles from './ExceptionList.module.css'

const rows = Array.from({ length: 24 }, (_, index) => index)

/** The list before its first answer. */
export const ListSkeleton = () => (
  <div className={styles.box} role="grid" aria-label="Exceptions" aria-busy="true">
    <div role="rowgroup" className={styles.rows}>
      {rows.map((index) => (
        <PendingRow key={index} index={index} start={28 + index * 32} />
      ))}
    </div>
  </div>
)
