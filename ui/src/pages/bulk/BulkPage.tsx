import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { bulkQuery, runsOf } from '../../api/bulk'
import { Failure } from '../../components/Failure'
import { ListEnd } from '../../components/ListEnd'
import { meOf } from '../../components/people'
import { Shell } from '../../components/Shell'
import { useSessionWatch } from '../../components/useSessionWatch'
import { useHotkeys } from '../../ui/hotkeys'
import { Loading } from '../../ui/Loading'
import { Message } from '../../ui/Message'
import { RunTable } from './RunTable'
import { useBulk } from './useBulk'
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
    if (list.isPending) return <Loading lines={8} />
    if (list.isError && runs.length === 0) return <Failure error={list.error} retry={() => void list.refetch()} />
    if (runs.length === 0) return <Empty />
    return (
      <>
        <RunTable runs={runs} labels={labels} me={meOf(session)} openId={openId} />
        <ListEnd list={list} />
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
