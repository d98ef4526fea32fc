import { Link } from '@tanstack/react-router'
import type { QuarantineSearch } from '../../api/quarantine'
import type { QuarantinePage, QuarantineState } from '../../api/types'
import { stateWords } from './words'
import styles from './ReasonPanel.module.css'

interface ReasonPanelProps {
  search: QuarantineSearch
  page: QuarantinePage | undefined
  onSearch: (search: QuarantineSearch) => void
}

const states = Object.keys(stateWords) as QuarantineState[]

/** Where refused objects stand, and why they were refused, with counts. */
export function ReasonPanel({ search, page, onSearch }: ReasonPanelProps) {
  const now = search.state ?? 'HELD'
  return (
    <section className={styles.panel} aria-label="Filters">
      <fieldset className={styles.group}>
        <legend>State</legend>
        {states.map((state) => (
          <label key={state} className={styles.line}>
            <input
              type="radio"
              name="state"
              checked={state === now}
              onChange={() => onSearch({ state: state === 'HELD' ? undefined : state })}
            />
            {stateWords[state]}
          </label>
        ))}
      </fieldset>
      <h2 className={styles.title}>Reason</h2>
      <ul className={styles.codes}>
        <li>
          <Reason search={{ state: search.state }} label="All reasons" count={page?.total} chosen={!search.code} />
        </li>
        {page?.codes.map(({ code, count }) => (
          <li key={code}>
            <Reason search={{ state: search.state, code }} label={code} count={count} chosen={search.code === code} />
          </li>
        ))}
      </ul>
    </section>
  )
}

interface ReasonProps {
  search: QuarantineSearch
  label: string
  count: number | undefined
  chosen: boolean
}

const Reason = ({ search, label, count, chosen }: ReasonProps) => (
  <Link
    to="/quarantine"
    search={search}
    className={styles.code}
    data-chosen={chosen}
    aria-current={chosen ? 'true' : undefined}
  >
    <span className={styles.label}>{label}</span>
    <span className={styles.count}>{count?.toLocaleString('en-US')}</span>
  </Link>
)
