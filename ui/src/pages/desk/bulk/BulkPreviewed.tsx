import { Link } from '@tanstack/react-router'
import type { BulkPreview } from '../../../api/bulk'
import { SeverityMark } from '../../../components/SeverityMark'
import { Button } from '../../../ui/Button'
import { exceptions, number } from '../../bulk/words'
import styles from './BulkDialog.module.css'

interface BulkPreviewedProps {
  preview: BulkPreview
  pending: boolean
  onCommit: () => void
  onBack: () => void
  onLeave: () => void
}

/** What a command would do, before it does anything. */
export function BulkPreviewed({ preview, pending, onCommit, onBack, onLeave }: BulkPreviewedProps) {
  const { run, wouldBeDone, wouldNeedApproval, wouldBeRefused, sample } = preview
  const refused = wouldBeRefused.reduce((sum, { count }) => sum + count, 0)
  const isVain = wouldBeDone + wouldNeedApproval === 0
  return (
    <div>
      <div className={styles.counts} role="status">
        <p>
          <b>{number(wouldBeDone)}</b> would be changed.
        </p>
        {wouldNeedApproval > 0 ? (
          <p>
            <b>{number(wouldNeedApproval)}</b> would wait for a second person, each by itself.
          </p>
        ) : null}
        {refused > 0 ? (
          <p>
            <b>{number(refused)}</b> would be refused and stay as they are:
          </p>
        ) : null}
      </div>
      {refused > 0 ? (
        <ul className={styles.reasons} aria-label="Why they would be refused">
          {wouldBeRefused.map(({ because, count }) => (
            <li key={because}>
              {number(count)}: {because}
            </li>
          ))}
        </ul>
      ) : null}
      {run.approvalReason ? <p className={styles.demand}>A second person must agree to the whole. {run.approvalReason}</p> : null}
      {sample.length > 0 ? (
        <section className={styles.section}>
          <h3>{run.total > sample.length ? `The first ${sample.length}` : 'All of them'}</h3>
          <ul className={styles.sample}>
            {sample.map((item) => (
              <li key={item.exceptionId}>
                <SeverityMark severity={item.severity} />
                <Link
                  to="/desk/exceptions/$exceptionId"
                  params={{ exceptionId: item.exceptionId }}
                  search={(now) => now}
                  title={item.title}
                  onClick={onLeave}
                >
                  {item.title}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <div className={styles.foot}>
        <Button look="primary" disabled={pending || isVain} onClick={onCommit}>
          {commitWords()}
        </Button>
        <Button disabled={pending} onClick={onBack}>
          Back
        </Button>
        <span className={styles.mute}>
          {isVain ? 'Nothing would change.' : 'What arrives from now on is not touched.'}
        </span>
      </div>
    </div>
  )

  function commitWords() {
    if (pending) return 'Committing…'
    if (run.approvalReason) return 'Ask a second person'
    return `Commit: change ${exceptions(wouldBeDone + wouldNeedApproval)}`
  }
}
