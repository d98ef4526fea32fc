import type { Status } from '../api/types'
import { countdown, span } from '../ui/duration'
import { useNow } from '../ui/now'
import { fullTime } from '../ui/time'
import styles from './DueTime.module.css'

const soon = 3_600_000

/** Time left, or with a minus how late; nothing runs for what is resolved. */
export function DueTime({ dueAt, status }: { dueAt: string; status: Status }) {
  const now = useNow()
  const left = Date.parse(dueAt) - now
  if (status === 'RESOLVED')
    return (
      <time className={styles.over} dateTime={dueAt} title={`Resolved. It was due\n${fullTime(dueAt)}`}>
        <span aria-hidden="true">–</span>
        <span className="visually-hidden">resolved</span>
      </time>
    )
  return (
    <time
      className={left < 0 ? styles.late : left < soon ? styles.soon : undefined}
      dateTime={dueAt}
      title={`${left < 0 ? 'Late. It was due' : 'Due'}\n${fullTime(dueAt)}`}
    >
      {left < 0 ? (
        <>
          <span aria-hidden="true">{countdown(left)}</span>
          <span className="visually-hidden">{`${span(-left)} late`}</span>
        </>
      ) : (
        countdown(left)
      )}
    </time>
  )
}
