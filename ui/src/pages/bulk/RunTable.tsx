import { Link } from '@tanstack/react-router'
import type { BulkRun } from '../../api/bulk'
import { Age } from '../../components/Age'
import { RunProgress } from './RunProgress'
import { personWord, type Me } from '../../components/people'
import { commandWords, filterLine, number, type Labels } from './words'
import styles from './RunTable.module.css'

interface RunTableProps {
  runs: BulkRun[]
  labels: Labels
  me: Me
  openId: string | undefined
}

export function RunTable({ runs, labels, me, openId }: RunTableProps) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Command</th>
          <th scope="col" data-leaves="filter">
            On
          </th>
          <th scope="col" className={styles.number}>
            Exceptions
          </th>
          <th scope="col" className={styles.state}>
            State
          </th>
          <th scope="col" className={styles.who}>
            Asked by
          </th>
          <th scope="col" className={styles.age}>
            Age
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.runId} data-run={run.runId} className={run.runId === openId ? styles.open : undefined}>
            <td title={commandWords(run.command, labels)}>
              <Link className={styles.link} to="/bulk/$runId" params={{ runId: run.runId }}>
                {commandWords(run.command, labels)}
              </Link>
            </td>
            <td data-leaves="filter" title={filterLine(run.filter, labels.pack)}>
              {filterLine(run.filter, labels.pack)}
            </td>
            <td className={styles.number}>{number(run.total)}</td>
            <td data-state={run.state} className={styles.state}>
              <RunProgress run={run} />
            </td>
            <td className={styles.who}>{personWord(run.createdBy, me)}</td>
            <td className={styles.age}>
              <Age since={run.createdAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
