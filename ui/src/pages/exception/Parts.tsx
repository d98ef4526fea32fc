// The parts of an exception: how many are open, how bad they are, and the way to each.
import { Link } from '@tanstack/react-router'
import type { ExceptionDetail } from '../../api/types'
import { DueTime } from '../../components/DueTime'
import { SeverityMark } from '../../components/SeverityMark'
import { StatusMark } from '../../components/StatusMark'
import { partsLine, unnamedLine } from './partsWords'
import { Section } from './Section'
import styles from './Parts.module.css'

type PartsView = ExceptionDetail['children']

interface PartsProps {
  /** Id of the whole. */
  whole: string
  parts: PartsView
}

export function Parts({ whole, parts }: PartsProps) {
  const unnamed = unnamedLine(parts)
  return (
    <Section title="Parts" aside={<span className={styles.count}>{partsLine(parts)}</span>}>
      <ul className={styles.parts}>
        {parts.items.map((part) => (
          <Part key={part.exceptionId} part={part} />
        ))}
      </ul>
      <p className={styles.more}>
        {unnamed ? `${unnamed} · ` : ''}
        <Link to="/desk" search={{ parent: whole }}>
          All parts in the list
        </Link>
      </p>
    </Section>
  )
}

const Part = ({ part }: { part: PartsView['items'][number] }) => (
  <li data-part={part.exceptionId}>
    <SeverityMark severity={part.severity} />
    <Link
      to="/desk/exceptions/$exceptionId"
      params={{ exceptionId: part.exceptionId }}
      search={(now) => now}
      title={part.exceptionId}
      className={styles.title}
    >
      {part.title}
    </Link>
    <span className={styles.facts}>
      <StatusMark status={part.status} />
      <DueTime dueAt={part.dueAt} status={part.status} />
    </span>
  </li>
)
