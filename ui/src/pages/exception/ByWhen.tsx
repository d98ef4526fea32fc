import type { ExceptionDetail, Status } from '../../api/types'
import { span } from '../../ui/duration'
import { useNow } from '../../ui/now'
import { dayAndTime, fullTime, localZone, timeIn } from '../../ui/time'
import { clockBar } from './clockBar'
import { Section } from './Section'
import styles from './ByWhen.module.css'

type Clock = NonNullable<ExceptionDetail['clock']>

export function ByWhen({ clock, status }: { clock: Clock; status: Status }) {
  const now = useNow()
  const left = Date.parse(clock.dueAt) - now
  const elsewhere = clock.timeZone === localZone() ? undefined : timeIn(clock.timeZone, clock.dueAt)
  const answered = status !== 'OPEN'
  return (
    <Section title="By when">
      {status === 'RESOLVED' ? null : <Bar clock={clock} now={now} />}
      <p>
        Resolve by <Moment at={clock.dueAt} now={now} />
        {status === 'RESOLVED' ? null : (
          <span className={left < 0 ? styles.late : undefined}>
            {' · '}
            {left < 0 ? `${span(-left)} late` : `${span(left)} left`}
          </span>
        )}
      </p>
      {answered ? null : (
        <p className={styles.mute}>
          Take it by <Moment at={clock.respondDueAt} now={now} />
          {Date.parse(clock.respondDueAt) < now ? ' · passed' : ''}
        </p>
      )}
      <p className={styles.mute}>
        {elsewhere
          ? `${elsewhere} on the ${clock.calendarLabel} calendar`
          : `${clock.calendarLabel} calendar, your time zone`}
      </p>
      <details className={styles.how}>
        <summary>How computed</summary>
        <ol>
          {clock.explanation.map((line, at) => (
            <li key={at}>{line}</li>
          ))}
        </ol>
      </details>
    </Section>
  )
}

const Moment = ({ at, now }: { at: string; now: number }) => (
  <time dateTime={at} title={fullTime(at)} className={styles.moment}>
    {dayAndTime(at, now)}
  </time>
)

function Bar({ clock, now }: { clock: Clock; now: number }) {
  const { nowAt, dueAt, respondAt, isLate } = clockBar(clock, now)
  return (
    // Everything it shows is in the words below.
    <div className={styles.bar} aria-hidden="true">
      <div className={styles.track}>
        <span className={styles.done} style={{ width: `${Math.min(nowAt, dueAt)}%` }} />
        {isLate ? <span className={styles.over} style={{ left: `${dueAt}%`, width: `${100 - dueAt}%` }} /> : null}
        <span className={styles.tick} style={{ left: `${respondAt}%` }} title="Take it by" />
        {isLate ? <span className={styles.tick} style={{ left: `${dueAt}%` }} title="Resolve by" /> : null}
      </div>
      <span
        className={styles.label}
        data-edge={nowAt < 8 ? 'start' : nowAt > 92 ? 'end' : undefined}
        style={{ left: `${nowAt}%` }}
      >
        now
      </span>
      {isLate && dueAt > 8 && dueAt < 88 ? (
        <span className={styles.label} style={{ left: `${dueAt}%` }}>
          due
        </span>
      ) : null}
    </div>
  )
}
