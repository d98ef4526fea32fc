import { useQuery } from '@tanstack/react-query'
import { problemText } from '../../api/problem'
import { eventsQuery } from '../../api/queries'
import type { ExceptionEvent } from '../../api/types'
import { Button } from '../../ui/Button'
import { JsonTree } from '../../ui/JsonTree'
import { Skeleton } from '../../ui/Skeleton'
import { dayOf, fullTime, timeOfDay } from '../../ui/time'
import { Section } from './Section'
import styles from './WhatHappened.module.css'

interface WhatHappenedProps {
  tenantId: string
  exceptionId: string
}

export function WhatHappened({ tenantId, exceptionId }: WhatHappenedProps) {
  const events = useQuery(eventsQuery(tenantId, exceptionId))
  return (
    <Section title="What happened">
      {events.isPending ? <Skeleton width="70%" /> : null}
      {events.isError ? (
        <p>
          {problemText(events.error).title}.{' '}
          <Button look="quiet" onClick={() => void events.refetch()}>
            Try again
          </Button>
        </p>
      ) : null}
      <ol className={styles.events}>
        {events.data?.items.map((event, at, all) => (
          <Event key={event.seq} event={event} before={all[at - 1]} />
        ))}
      </ol>
    </Section>
  )
}

/** The day is said where it changes. */
function Event({ event, before }: { event: ExceptionEvent; before: ExceptionEvent | undefined }) {
  const day = dayOf(event.at)
  return (
    <li>
      {before && dayOf(before.at) === day ? null : <p className={styles.day}>{day}</p>}
      <div className={styles.event}>
        <time dateTime={event.at} title={fullTime(event.at)}>
          {timeOfDay(event.at)}
        </time>
        <details>
          <summary>
            {event.summary} <span className={styles.actor}>{event.actor}</span>
          </summary>
          <JsonTree value={{ seq: event.seq, kind: event.kind, ...event.data, hash: event.hash }} />
        </details>
      </div>
    </li>
  )
}
