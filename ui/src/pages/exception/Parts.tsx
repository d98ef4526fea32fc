// The parts of an exception: how many are open, how bad they are, and the way to each.
import { Link } from '@tanstack/react-router'
import type { ExceptionDetail } from '../../api/types'
import { DueTime } from '../../components/DueTime'
import { SeverityMark } from '../../components/SeverityMark'
import { StatusMark } from '../../components/StatusMark'
import { partsLine, unnamedLine } from './partsWords'
import { Section } from './Section'
import styles from './Parts.module.css'

type PartsView = ExceptionDetail['parts']

export function Parts({ parts }: { parts: PartsView }) {
  const unnamed = unnamedLine(parts)
  return (
    <Section title="Parts" aside={<span className={styles.count}>{partsLine(parts)}</span>}>
      <ul className={styles.parts}>
        {parts.items.map((part) => (
          <Part key={part.exceptionId} part={part} />
        ))}
      </ul>
      {unnamed ? <p className={styles.more}>{unnamed}</p> : null}
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
