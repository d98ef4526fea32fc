import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { problemText } from '../../api/problem'
import { eventsQuery, packQuery } from '../../api/queries'
import type { ExceptionDetail, ExceptionEvent } from '../../api/types'
import { textOf } from '../../api/verbatim'
import { peopleQuery } from '../../api/work'
import { meantBy, namesOf, personWord } from '../../components/people'
import { Button } from '../../ui/Button'
import { JsonTree } from '../../ui/JsonTree'
import { Markdown } from '../../ui/Markdown'
import { useNow } from '../../ui/now'
import { Skeleton } from '../../ui/Skeleton'
import { dayOf, fullTime, timeOfDay } from '../../ui/time'
import { eventLine, type EventWorld } from '../../work/eventWords'
import { useWork } from '../../work/WorkContext'
import { Evidence } from './Evidence'
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
  const people = useQuery(peopleQuery(tenantId)).data ?? []
  const mentioned = people.map(({ name }) => name)
  const world = { me, names: namesOf(people), now, pack, choices: detail.workflow.choices, playbook: detail.playbook }
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
          <Event key={event.seq} event={event} before={all[at - 1]} world={world} mentioned={mentioned}>
            <Evidence tenantId={tenantId} exceptionId={detail.exceptionId} event={event} />
          </Event>
        ))}
      </ol>
    </Section>
  )
}

interface EventProps {
  event: ExceptionEvent
  before: ExceptionEvent | undefined
  world: EventWorld
  mentioned: readonly string[]
  /** Under the event, where somebody opens it. */
  children: ReactNode
}

/** The day is said where it changes. */
function Event({ event, before, world, mentioned, children }: EventProps) {
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
            <JsonTree levels={3} text={wholeText(event)} meaning={(value, name) => meantBy(world.names, value, name)} />
            {children}
          </details>
          {said === undefined ? null : (
            <div className={isMarkdown ? styles.comment : styles.said}>
              {isMarkdown ? <Markdown text={said} names={mentioned} /> : said}
            </div>
          )}
        </div>
      </div>
    </li>
  )
}

const wholeText = ({ seq, kind, data, hash }: ExceptionEvent) =>
  `{"seq": ${String(seq)}, "kind": ${JSON.stringify(kind)}, "data": ${textOf(data)}, "hash": ${JSON.stringify(hash)}}`
