import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { bulkQuery, runsOf } from '../../api/bulk'
import { problemText } from '../../api/problem'
import { Failure } from '../../components/Failure'
import { Shell } from '../../components/Shell'
import { useSessionWatch } from '../../components/useSessionWatch'
import { Button } from '../../ui/Button'
import { useHotkeys } from '../../ui/hotkeys'
import { Message } from '../../ui/Message'
import { Skeleton } from '../../ui/Skeleton'
import { RunTable } from './RunTable'
import { useBulk } from './useBulk'
import { nameOf } from './words'
import styles from './BulkPage.module.css'

export function BulkPage() {
  const { session, tenantId, labels, openId, close } = useBulk()
  useSessionWatch(tenantId)
  const list = useInfiniteQuery(bulkQuery(tenantId))
  const runs = runsOf(list.data)
  const pending = runs.filter(({ state }) => state === 'PENDING').length
  useHotkeys({ Escape: openId === undefined ? undefined : close })
  return (
    <Shell
      session={session}
      search={<span className={styles.gap} />}
      footer={
        <span role="status">
          {pending > 0 ? `${pending} ${pending === 1 ? 'waits' : 'wait'} for a second person` : ''}
        </span>
      }
    >
      {openId === undefined ? <title>Bulk · SentinAI</title> : null}
      <div className={styles.page}>
        <main className={styles.main}>
          <div className={styles.bar}>
            <h1>Bulk changes</h1>
          </div>
          {/* A table that scrolls is reached by the links within it. */}
          <div className={styles.box}>{content()}</div>
        </main>
        <Outlet />
      </div>
    </Shell>
  )

  function content() {
    if (list.isPending) return <Loading />
    if (list.isError && runs.length === 0) return <Failure error={list.error} retry={() => void list.refetch()} />
    if (runs.length === 0) return <Empty />
    return (
      <>
        <RunTable runs={runs} labels={labels} me={nameOf(session)} openId={openId} />
        {list.hasNextPage ? (
          <p className={styles.more}>
            <Button disabled={list.isFetching} onClick={() => void list.fetchNextPage()}>
              {list.isFetchingNextPage ? 'Loading…' : 'Show more'}
            </Button>
          </p>
        ) : null}
        {list.isError ? (
          <p className={styles.more} role="alert">
            {problemText(list.error).title}.{' '}
            <Button look="quiet" onClick={() => void list.refetch()}>
              Try again
            </Button>
          </p>
        ) : null}
      </>
    )
  }
}

const Empty = () => (
  <Message icon="check" title="Nothing was changed in bulk yet">
    <p>
      On the <Link to="/desk">desk</Link>, filter what it is about and press b. The run, who agreed to it and what
      became of each exception are kept here.
    </p>
  </Message>
)

const Loading = () => (
  <div className={styles.loading} aria-busy="true">
    {Array.from({ length: 8 }, (_, index) => (
      <Skeleton key={index} width={`${55 + ((index * 37) % 40)}%`} />
    ))}
    <span className="visually-hidden">Loading</span>
  </div>
)
