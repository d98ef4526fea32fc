import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { itemsQuery, type BulkItem, type BulkRun, type Outcome } from '../../api/bulk'
import { problemText } from '../../api/problem'
import { Failure } from '../../components/Failure'
import { shortId } from '../../components/words'
import { Button } from '../../ui/Button'
import { Skeleton } from '../../ui/Skeleton'
import { outcomeWords } from './words'
import styles from './RunItems.module.css'

interface RunItemsProps {
  tenantId: string
  run: BulkRun
  /** Only those that fared so. */
  outcome?: Outcome
  /** Somebody goes to one of them. */
  onLeave?: () => void
}

/** The exceptions of a run, and what became of each. */
export function RunItems({ tenantId, run, outcome, onLeave }: RunItemsProps) {
  const list = useInfiniteQuery({ ...itemsQuery(tenantId, run, outcome), placeholderData: keepPreviousData })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  if (list.isPending) return <Skeleton width="70%" />
  if (list.isError && items.length === 0) return <Failure error={list.error} retry={() => void list.refetch()} />
  if (items.length === 0) return <p className={styles.none}>None.</p>
  return (
    <>
      <ul className={styles.items} aria-label={outcome ? outcomeWords[outcome] : 'Exceptions of the run'}>
        {items.map((item) => (
          <li key={item.position} data-item={item.exceptionId}>
            <Link to="/desk/exceptions/$exceptionId" params={{ exceptionId: item.exceptionId }} onClick={onLeave}>
              <span title={item.exceptionId}>{shortId(item.exceptionId)}</span>
            </Link>
            <span className={styles.fate}>{fateOf(item)}</span>
          </li>
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button disabled={list.isFetching} onClick={() => void list.fetchNextPage()}>
          {list.isFetchingNextPage ? 'Loading…' : 'Show more'}
        </Button>
      ) : null}
      {list.isError ? <p role="alert">{problemText(list.error).title}.</p> : null}
    </>
  )
}

const fateOf = ({ outcome, problem }: BulkItem) =>
  problem ?? (outcome ? outcomeWords[outcome as Outcome] : 'Not yet its turn')
