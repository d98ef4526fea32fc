import { useQuery } from '@tanstack/react-query'
import { problemText } from '../../api/problem'
import { eventsQuery, packQuery } from '../../api/queries'
import type { ExceptionDetail, ExceptionEvent } from '../../api/types'
import { peopleQuery } from '../../api/work'
import { personWord } from '../../components/people'
import { Button } from '../../ui/Button'
import { JsonTree } from '../../ui/JsonTree'
import { Markdown } from '../../ui/Markdown'
import { useNow } from '../../ui/now'
import { Skeleton } from '../../ui/Skeleton'
import { dayOf, fullTime, timeOfDay } from '../../ui/time'
import { eventLine, type EventWorld } from '../../work/eventWords'
import { useWork } from '../../work/WorkContext'
import { Section } from './Section'
import styles from './WhatHappened.module.css'

interface WhatHappenedProps {
  tenantId: string
  detail: ExceptionDetail
}

export function WhatHappened({ tenantId, detail }: WhatHappenedProps) {
  const { me } = useWork()
  const now = useNow()
  const events = useQuery(eventsQuery(tenantId, detail.exceptionId))
  const pack = useQuery(packQuery(tenantId)).data
  const hasComments = events.data?.items.some(({ kind }) => kind === 'commented') ?? false
  const people = useQuery({ ...peopleQuery(tenantId), enabled: hasComments }).data ?? []
  const names = people.map(({ name }) => personWord(name))
  const world = { me, now, pack, choices: detail.workflow.choices, playbook: detail.playbook }
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
          <Event key={event.seq} event={event} before={all[at - 1]} world={world} names={names} />
        ))}
      </ol>
    </Section>
  )
}

interface EventProps {
  event: ExceptionEvent
  before: ExceptionEvent | undefined
  world: EventWorld
  names: readonly string[]
}

/** The day is said where it changes. */
function Event({ event, before, world, names }: EventProps) {
  const day = dayOf(event.at)
  const { text, changes, said, isMarkdown } = eventLine(event, world)
  return (
    <li>
      {before && dayOf(before.at) === day ? null : <p className={styles.day}>{day}</p>}
      <div className={styles.event}>
        <time dateTime={event.at} title={fullTime(event.at)}>
          {timeOfDay(event.at)}
        </time>
        <div>
          <details>
            <summary>
              {text}{' '}
              <span className={styles.actor} title={event.actor}>
                {personWord(event.actor, world.me)}
              </span>
              {changes.length > 0 ? <span className={styles.changes}>{changes.join(' · ')}</span> : null}
            </summary>
            <JsonTree value={{ seq: event.seq, kind: event.kind, ...event.data, hash: event.hash }} />
          </details>
          {said === undefined ? null : (
            <div className={isMarkdown ? styles.comment : styles.said}>
              {isMarkdown ? <Markdown text={said} names={names} /> : said}
            </div>
          )}
        </div>
      </div>
    </li>
  )
}
