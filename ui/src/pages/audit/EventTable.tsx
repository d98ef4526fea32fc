import { Link } from '@tanstack/react-router'
import type { ChainEvent } from '../../api/types'
import { shortId } from '../../components/words'
import { dayOf, fullTime, timeOfDay } from '../../ui/time'
import styles from './EventTable.module.css'

interface EventTableProps {
  items: ChainEvent[]
  /** Shown only until another selection has come. */
  stale: boolean
}

export function EventTable({ items, stale }: EventTableProps) {
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
            <td title={event.actor}>{event.actor}</td>
            <td className={styles.kind}>{event.kind}</td>
            <td>{event.exceptionId ? <About exceptionId={event.exceptionId} /> : <Data data={event.data} />}</td>
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
function Data({ data }: { data: ChainEvent['data'] }) {
  const text = JSON.stringify(data)
  return text === '{}' ? null : <code title={text}>{text}</code>
}
