import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Session } from '../api/types'
import { approvalsQuery } from '../api/work'
import { Icon } from '../ui/Icon'
import { decidable } from '../work/asked'
import { meOf } from './people'
import styles from './Shell.module.css'

/** The way to the requests, with how many of them wait for this person. */
export function ApprovalsLink({ session }: { session: Session }) {
  const me = meOf(session)
  const query = { ...approvalsQuery(session.tenantId ?? '', 'PENDING'), refetchInterval: 30_000 }
  const pages = useInfiniteQuery(query).data?.pages ?? []
  const count = pages.flatMap(({ items }) => items).filter((request) => decidable(request, me)).length
  const text = pages.at(-1)?.next ? `${count}+` : String(count)
  return (
    <Link to="/approvals" className={styles.badged} title={`${text} wait for your decision`}>
      <Icon name="two" size={18} />
      Approvals
      {count > 0 ? (
        <span className={styles.badge}>
          {text}
          <span className="visually-hidden"> wait for your decision</span>
        </span>
      ) : null}
    </Link>
  )
}
