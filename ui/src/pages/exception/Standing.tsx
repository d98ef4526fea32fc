// How the work stands, as far as the facts of the head do not say it.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ExceptionDetail } from '../../api/types'
import { shortId } from '../../components/words'
import { useNow } from '../../ui/now'
import { dayAndTime, fullTime } from '../../ui/time'
import styles from './Standing.module.css'

export function Standing({ detail }: { detail: ExceptionDetail }) {
  const { workflow: work, resolution } = detail
  const lines: ReactNode[] = []
  if (work.waiting)
    lines.push(
      <>
        Waiting for {work.waiting.label} until <Moment at={work.waiting.until} />
      </>,
    )
  if (work.snoozedUntil)
    lines.push(
      <>
        Snoozed until <Moment at={work.snoozedUntil} />
      </>,
    )
  if (work.escalation > 0) lines.push(`Escalated ${times(work.escalation)}`)
  if (resolution)
    lines.push(
      `Resolved as ${labelOf(work.choices.resolutions, resolution)}` +
        (work.rootCause ? `, because of: ${labelOf(work.choices.rootCauses, work.rootCause)}` : ''),
    )
  if (work.parent)
    lines.push(
      <>
        Part of{' '}
        <Link
          to="/desk/exceptions/$exceptionId"
          params={{ exceptionId: work.parent }}
          search={(now) => now}
          title={work.parent}
        >
          {shortId(work.parent)}
        </Link>
      </>,
    )
  if (lines.length === 0) return null
  return (
    <ul className={styles.lines} aria-label="How the work stands">
      {lines.map((line, at) => (
        <li key={at}>{line}</li>
      ))}
    </ul>
  )
}

function Moment({ at }: { at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={fullTime(at)}>
      {dayAndTime(at, now)}
    </time>
  )
}

const times = (count: number) => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)
const labelOf = (list: readonly { code: string; label: string }[], code: string) =>
  list.find((known) => known.code === code)?.label ?? code
