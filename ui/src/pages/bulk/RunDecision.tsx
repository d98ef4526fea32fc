import { useMutation, useQueryClient } from '@tanstack/react-query'
import { decideBulk, rememberRun, runQuery, type BulkRun, type Decision } from '../../api/bulk'
import { problemText } from '../../api/problem'
import type { Session } from '../../api/types'
import { Button } from '../../ui/Button'
import { choicesOf, exceptions, nameOf } from './words'
import styles from './RunPanel.module.css'

interface RunDecisionProps {
  tenantId: string
  session: Session
  run: BulkRun
}

/** What can be decided about a run that has not begun. */
export function RunDecision({ tenantId, session, run }: RunDecisionProps) {
  const client = useQueryClient()
  const decide = useMutation({
    mutationFn: (decision: Decision) => decideBulk(tenantId, run.runId, decision),
    onSuccess: (now) => rememberRun(client, tenantId, now),
    // Refused: somebody else was faster. Look again.
    onError: () => client.invalidateQueries({ queryKey: runQuery(tenantId, run.runId).queryKey }),
  })
  const choices = choicesOf(run, session)
  const isOwnRequest = run.state === 'PENDING' && run.createdBy === nameOf(session)
  const words: Record<Decision, string> = {
    commit: run.approvalReason ? 'Ask a second person' : `Change ${exceptions(run.total)}`,
    grant: `Grant: change ${exceptions(run.total)}`,
    discard: 'Give up',
  }
  if (choices.length === 0 && !decide.isError) return null
  const weak = choices.find((choice) => choice.weak)?.weak
  return (
    <div className={styles.decision}>
      {choices.map((choice) => (
        <Button
          key={choice.decision}
          look={choice.decision === 'discard' ? 'plain' : 'primary'}
          disabled={choice.weak !== undefined || decide.isPending}
          title={choice.weak}
          onClick={() => decide.mutate(choice.decision)}
        >
          {words[choice.decision]}
        </Button>
      ))}
      <span className={styles.hint}>
        {weak ?? (isOwnRequest ? 'You asked for it: a supervisor other than you decides.' : '')}
      </span>
      {decide.isError ? (
        <p className={styles.error} role="alert">
          {problemText(decide.error).detail}
        </p>
      ) : null}
    </div>
  )
}
