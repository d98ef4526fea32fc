import type { BulkRun } from '../../api/bulk'
import { number, outcomeLine, stateWord } from './words'
import styles from './RunProgress.module.css'

/** How far a run is, or what became of it. */
export function RunProgress({ run }: { run: BulkRun }) {
  if (run.state === 'RUNNING')
    return (
      <span className={styles.running}>
        <progress value={run.processed} max={run.total} aria-label="Progress of the run" />
        {number(run.processed)} of {number(run.total)}
      </span>
    )
  return <span>{run.state === 'DONE' ? outcomeLine(run) : stateWord(run.state)}</span>
}
