// The refused objects as a table. Each row is one link, stretched over the row: it has the focus, Enter and Ctrl+click of any link.
import { Link } from '@tanstack/react-router'
import type { QuarantineSearch } from '../../api/quarantine'
import type { QuarantineEntry } from '../../api/types'
import { Age } from '../../components/Age'
import { shortId } from '../../components/words'
import { reasonLine } from './words'
import styles from './QuarantineList.module.css'

interface QuarantineListProps {
  items: QuarantineEntry[]
  search: QuarantineSearch
  openId: string | undefined
  stale: boolean
}

export const QuarantineList = ({ items, search, openId, stale }: QuarantineListProps) => (
  <table className={styles.table} aria-label="Refused" aria-busy={stale}>
    <thead>
      <tr>
        <th scope="col" className={styles.reason}>
          Reason
        </th>
        <th scope="col" className={styles.type}>
          Type
        </th>
        <th scope="col" className={styles.source} data-leaves="source">
          Source
        </th>
        <th scope="col" className={styles.id} data-leaves="id">
          Exception
        </th>
        <th scope="col" className={styles.number}>
          Times
        </th>
        <th scope="col" className={styles.number}>
          Last
        </th>
      </tr>
    </thead>
    <tbody>
      {items.map((item) => (
        <tr key={item.quarantineId} className={item.quarantineId === openId ? styles.open : undefined}>
          <td>
            <Link
              to="/quarantine/$quarantineId"
              params={{ quarantineId: item.quarantineId }}
              search={search}
              className={styles.link}
              data-quarantined={item.quarantineId}
              title={reasonLine(item)}
            >
              {reasonLine(item)}
            </Link>
          </td>
          <td title={item.exceptionType ?? undefined}>{item.exceptionType ?? '–'}</td>
          <td data-leaves="source" title={item.sourceSystem ?? undefined}>
            {item.sourceSystem ?? '–'}
          </td>
          <td data-leaves="id" title={item.exceptionId}>
            {shortId(item.exceptionId)}
          </td>
          <td className={styles.number}>{item.times.toLocaleString('en-US')}</td>
          <td className={styles.number}>
            <Age since={item.lastAt} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)
