import { progressOf } from '../../api/jobs'
import type { Job } from '../../api/types'
import { Button } from '../../ui/Button'
import { useNow } from '../../ui/now'
import { dayAndTime, fullTime } from '../../ui/time'
import styles from './JobTable.module.css'

const stateWords: Record<Job['state'], string> = {
  QUEUED: 'Queued',
  RUNNING: 'Running',
  DONE: 'Done',
  DEAD: 'Dead',
  DISCARDED: 'Discarded',
}

interface Decide {
  /** Why this person may not decide. */
  weak: string | undefined
  pending: boolean
  onReplay: (job: Job) => void
  onDiscard: (job: Job) => void
}

export function JobTable({ jobs, decide }: { jobs: Job[]; decide?: Decide }) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Job</th>
          <th scope="col">Kind</th>
          <th scope="col">State</th>
          <th scope="col">When</th>
          <th scope="col">Attempts</th>
          <th scope="col">Progress or error</th>
          {decide ? <th scope="col">Decision</th> : null}
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={job.jobId} data-job={job.jobId}>
            <td>{job.jobId}</td>
            <td>{job.kind}</td>
            <td>{stateWords[job.state]}</td>
            <td>
              <When job={job} />
            </td>
            <td>
              {job.attempts} of {job.maxAttempts}
            </td>
            <td className={styles.text}>
              <HowFar job={job} />
            </td>
            {decide ? (
              <td className={styles.decide}>
                <Button
                  aria-label={`Replay job ${job.jobId}`}
                  disabled={decide.weak !== undefined || decide.pending}
                  title={decide.weak}
                  onClick={() => decide.onReplay(job)}
                >
                  Replay
                </Button>
                <Button
                  aria-label={`Discard job ${job.jobId}`}
                  disabled={decide.weak !== undefined || decide.pending}
                  title={decide.weak}
                  onClick={() => decide.onDiscard(job)}
                >
                  Discard
                </Button>
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** When it ended, or from when on it may run. */
function When({ job }: { job: Job }) {
  const now = useNow()
  const at = job.finishedAt ?? (job.state === 'RUNNING' ? job.createdAt : job.runAt)
  return (
    <time dateTime={at} title={fullTime(at)}>
      {job.state === 'QUEUED' ? 'from ' : job.state === 'RUNNING' ? 'since ' : ''}
      {dayAndTime(at, now)}
    </time>
  )
}

function HowFar({ job }: { job: Job }) {
  const progress = progressOf(job.progress)
  if (job.state === 'RUNNING' && progress) {
    const { done, total } = progress
    return (
      <>
        <progress value={done} max={total} aria-label={`Progress of job ${job.jobId}`} /> {done.toLocaleString('en-US')}{' '}
        of {total.toLocaleString('en-US')}
      </>
    )
  }
  return job.state === 'DONE' ? null : job.lastError
}
