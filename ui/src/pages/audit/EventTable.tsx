import { Link } from '@tanstack/react-router'
import type { ChainEvent } from '../../api/types'
import { textOf } from '../../api/verbatim'
import { actorWord, meantBy, type Names } from '../../components/people'
import { shortId } from '../../components/words'
import { dayOf, fullTime, timeOfDay } from '../../ui/time'
import { textsIn } from '../../ui/json'
import styles from './EventTable.module.css'

interface EventTableProps {
  items: ChainEvent[]
  names: Names
  /** Shown only until another selection has come. */
  stale: boolean
}

export function EventTable({ items, names, stale }: EventTableProps) {
  return (
    <table className={styles.table} aria-label="Events" aria-busy={stale}>
      <thead>
        <tr>
          <th className={styles.seq}>Event</th>
          <th className={styles.when}>When</th>
          <th className={styles.who}>Who</th>
          <th className={styles.what}>What</th>
          <th>About</th>
        </tr>
      </thead>
      <tbody>
        {items.map((event) => (
          <tr key={event.seq} data-event={event.seq}>
            <td className={styles.seq} title={`Hash ${event.hash}`}>
              {event.seq}
            </td>
            <td title={fullTime(event.at)}>
              {dayOf(event.at)} {timeOfDay(event.at)}
            </td>
            <td title={event.actor}>{actorWord(event.actor, names)}</td>
            <td className={styles.kind}>{event.kind}</td>
            <td>
              {event.exceptionId ? (
                <About exceptionId={event.exceptionId} />
              ) : (
                <Data text={textOf(event.data)} names={names} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const About = ({ exceptionId }: { exceptionId: string }) => (
  <Link to="/desk/exceptions/$exceptionId" params={{ exceptionId }} search={{}} title={exceptionId}>
    {shortId(exceptionId)}
  </Link>
)

/** An event of the tenant as a whole says all in its data. */
function Data({ text, names }: { text: string; names: Names }) {
  const meant = textsIn(text).flatMap(({ name, value }) => meantBy(names, value, name) ?? [])
  if (text === '{}') return null
  return (
    <span title={text}>
      {meant.length > 0 ? `${[...new Set(meant)].join(', ')} · ` : ''}
      <code>{text}</code>
    </span>
  )
}
