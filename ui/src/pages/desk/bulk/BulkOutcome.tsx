import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { runQuery, type BulkRun } from '../../../api/bulk'
import { Button } from '../../../ui/Button'
import { RunItems } from '../../bulk/RunItems'
import { number, outcomeLine } from '../../bulk/words'
import styles from './BulkDialog.module.css'

interface BulkOutcomeProps {
  tenantId: string
  started: BulkRun
  onLeave: () => void
}

/** A run that was committed: how far it is, then what became of it. */
export function BulkOutcome({ tenantId, started, onLeave }: BulkOutcomeProps) {
  const run = useQuery(runQuery(tenantId, started.runId)).data ?? started
  const isOver = run.state === 'DONE' || run.state === 'DISCARDED'
  return (
    <div className={styles.outcome}>
      {run.state === 'RUNNING' ? (
        <progress value={run.processed} max={run.total} aria-label="Progress of the run" />
      ) : null}
      <p className={styles.line} role="status">
        {line()}
      </p>
      {run.state === 'DONE' && run.refused > 0 ? (
        <div className={styles.refused}>
          <RunItems tenantId={tenantId} run={run} outcome="REFUSED" onLeave={onLeave} />
        </div>
      ) : null}
      <div className={styles.foot}>
        <Button look={isOver ? 'primary' : 'plain'} onClick={onLeave}>
          Close
        </Button>
        <Link to="/bulk/$runId" params={{ runId: run.runId }} onClick={onLeave}>
          The run and its exceptions
        </Link>
        {run.state === 'RUNNING' ? <span className={styles.mute}>It goes on when you close this.</span> : null}
      </div>
    </div>
  )

  function line() {
    if (run.state === 'RUNNING') return `${number(run.processed)} of ${number(run.total)}`
    if (run.state === 'PENDING') return `It waits for a second person, who grants it under Bulk. ${run.approvalReason ?? ''}`
    if (run.state === 'DISCARDED') return 'It was given up: nothing was changed.'
    return `Done: ${outcomeLine(run)}.`
  }
}
