import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { outcomes, runQuery, searchOf, type BulkRun, type Outcome } from '../../api/bulk'
import { Problem } from '../../api/problem'
import { Failure } from '../../components/Failure'
import { IconButton } from '../../ui/Button'
import { Message } from '../../ui/Message'
import { Skeleton } from '../../ui/Skeleton'
import { fullTime } from '../../ui/time'
import { Age } from '../../components/Age'
import { RunDecision } from './RunDecision'
import { RunItems } from './RunItems'
import { RunProgress } from './RunProgress'
import { useBulk } from './useBulk'
import { commandWords, filterLine, nameOf, number, outcomeWords, personWord } from './words'
import styles from './RunPanel.module.css'

const route = getRouteApi('/member/bulk/$runId')

export function RunPanel() {
  const { runId } = route.useParams()
  const { tenantId, close } = useBulk()
  const query = useQuery(runQuery(tenantId, runId))
  return (
    <aside className={styles.panel} aria-label="Bulk run">
      <div className={styles.close}>
        <IconButton icon="close" label="Close" onClick={close} />
      </div>
      {content()}
    </aside>
  )

  function content() {
    if (query.data) return <Run run={query.data} />
    if (!query.error) return <Skeleton width="60%" />
    if (query.error instanceof Problem && query.error.status === 404)
      return (
        <Message icon="search" title="Run not found">
          <p>No run of this tenant has this id.</p>
        </Message>
      )
    return <Failure error={query.error} retry={() => void query.refetch()} />
  }
}

function Run({ run }: { run: BulkRun }) {
  const { session, tenantId, labels, search } = useBulk()
  const me = nameOf(session)
  return (
    <>
      <title>Bulk run · SentinAI</title>
      <h2>{commandWords(run.command, labels)}</h2>
      <p className={styles.about}>
        <Link to="/desk" search={searchOf(run.filter)} title="What the filter selects now">
          {filterLine(run.filter, labels.pack)}
        </Link>
      </p>
      <p role="status" className={styles.progress}>
        <RunProgress run={run} />
      </p>
      {run.approvalReason ? <p className={styles.demand}>A second person must agree: {run.approvalReason}</p> : null}
      <dl className={styles.facts}>
        <Fact name="Asked by" person={run.createdBy} me={me} at={run.createdAt} />
        {run.decidedBy && run.decidedAt ? (
          <Fact name="Decided by" person={run.decidedBy} me={me} at={run.decidedAt} />
        ) : null}
      </dl>
      <RunDecision tenantId={tenantId} session={session} run={run} />
      <Tabs run={run} />
      <RunItems tenantId={tenantId} run={run} outcome={search.outcome} />
    </>
  )
}

function Fact({ name, person, me, at }: { name: string; person: string; me: string; at: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={fullTime(at)}>
        {personWord(person, me)}, <Age since={at} /> ago
      </dd>
    </div>
  )
}

function Tabs({ run }: { run: BulkRun }) {
  const counts: Record<Outcome, number> = { DONE: run.done, APPROVAL_REQUESTED: run.approvalsRequested, REFUSED: run.refused }
  const tabs: { outcome?: Outcome; word: string; count: number }[] = [
    { word: 'All', count: run.total },
    ...outcomes.map((outcome) => ({ outcome, word: outcomeWords[outcome], count: counts[outcome] })),
  ]
  return (
    <nav className={styles.tabs} aria-label="Outcomes">
      {tabs.map(({ outcome, word, count }) => (
        <Link
          key={word}
          to="/bulk/$runId"
          params={{ runId: run.runId }}
          search={{ outcome }}
          activeOptions={{ exact: true }}
          replace
        >
          {word} <b>{number(count)}</b>
        </Link>
      ))}
    </nav>
  )
}
