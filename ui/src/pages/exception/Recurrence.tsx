// Whether an exception came before or came again, and where to.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { recurrencesQuery } from '../../api/queries'
import type { ExceptionItem } from '../../api/types'
import { shortId } from '../../components/words'
import { useNow } from '../../ui/now'
import { dayAndTime, fullTime } from '../../ui/time'
import styles from './PanelHead.module.css'

interface RecurrenceProps {
  tenantId: string
  item: ExceptionItem
}

export function Recurrence({ tenantId, item }: RecurrenceProps) {
  const now = useNow()
  const again = item.occurrences > 1
  const others = useQuery({ ...recurrencesQuery(tenantId, item.exceptionId), enabled: again }).data?.items ?? []
  if (!again && !item.recurrenceOf) return null
  return (
    <p className={styles.recurrence}>
      {again ? (
        <>
          Seen {item.occurrences} times, last{' '}
          <time dateTime={item.lastSeenAt} title={fullTime(item.lastSeenAt)}>
            {dayAndTime(item.lastSeenAt, now)}
          </time>
          .{' '}
        </>
      ) : null}
      {item.recurrenceOf ? (
        <>
          Recurrence of <Other id={item.recurrenceOf} />.{' '}
        </>
      ) : null}
      {others.length > 0 ? (
        <>
          Came again as{' '}
          {others.map((other, at) => (
            <span key={other.exceptionId}>
              {at > 0 ? ', ' : ''}
              <Other id={other.exceptionId} />
            </span>
          ))}
          .
        </>
      ) : null}
    </p>
  )
}

const Other = ({ id }: { id: string }) => (
  <Link to="/desk/exceptions/$exceptionId" params={{ exceptionId: id }} search={(now) => now} title={id}>
    {shortId(id)}
  </Link>
)
