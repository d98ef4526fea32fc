import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { discardJob, forgetJobs, jobsQuery, replayJob } from '../../api/jobs'
import { problemText } from '../../api/problem'
import type { Job } from '../../api/types'
import { Failure } from '../../components/Failure'
import { hindrance } from '../../components/people'
import { Shell } from '../../components/Shell'
import { useSessionWatch } from '../../components/useSessionWatch'
import { Loading } from '../../ui/Loading'
import { Message } from '../../ui/Message'
import { DiscardDialog } from '../quarantine/DiscardDialog'
import { JobTable } from './JobTable'
import styles from './JobsPage.module.css'

const route = getRouteApi('/member/jobs')

export function JobsPage() {
  const { session, tenantId } = route.useRouteContext()
  useSessionWatch(tenantId)
  const client = useQueryClient()
  const dead = useQuery(jobsQuery(tenantId, 'DEAD'))
  const newest = useQuery(jobsQuery(tenantId))
  const [discarding, setDiscarding] = useState<Job>()
  const settled = () => forgetJobs(client, tenantId)
  const replay = useMutation({ mutationFn: ({ jobId }: Job) => replayJob(tenantId, jobId), onSettled: settled })
  const discard = useMutation({
    mutationFn: ({ jobId, reason }: { jobId: string; reason: string }) => discardJob(tenantId, jobId, reason),
    onSuccess: () => setDiscarding(undefined),
    onSettled: settled,
  })
  const decide = {
    weak: hindrance(session.role, 'supervisor'),
    pending: replay.isPending || discard.isPending,
    onReplay: (job: Job) => replay.mutate(job),
    onDiscard: (job: Job) => {
      discard.reset()
      setDiscarding(job)
    },
  }
  const others = newest.data?.items.filter(({ state }) => state !== 'DEAD') ?? []

  return (
    <Shell
      session={session}
      search={<span className={styles.gap} />}
      footer={<span role="status">{statusLine()}</span>}
    >
      <title>Jobs · SentinAI</title>
      <main className={styles.main}>
        <h1>Jobs</h1>
        {content()}
      </main>
      {discarding ? (
        <DiscardDialog
          title={`Discard job ${discarding.jobId}`}
          meaning="It never runs again. The reason is kept in the chain of events."
          error={discard.error}
          pending={discard.isPending}
          onDiscard={(reason) => discard.mutate({ jobId: discarding.jobId, reason })}
          onClose={() => setDiscarding(undefined)}
        />
      ) : null}
    </Shell>
  )

  function statusLine() {
    if (replay.isError) return `It was not replayed: ${problemText(replay.error).detail}`
    return replay.isSuccess ? 'Replayed: it runs again' : ''
  }

  function content() {
    const failed = [dead, newest].find(({ isError, data }) => isError && data === undefined)
    if (failed?.error) return <Failure error={failed.error} retry={() => void failed.refetch()} />
    if (dead.isPending || newest.isPending) return <Loading lines={8} />
    if (newest.data?.items.length === 0) return <Empty />
    return (
      <>
        <section aria-labelledby="dead">
          <h2 id="dead">Dead letters</h2>
          {dead.data?.items.length ? (
            <JobTable jobs={dead.data.items} decide={decide} />
          ) : (
            <p className={styles.none}>None: no job failed for good.</p>
          )}
        </section>
        <section aria-labelledby="others">
          <h2 id="others">Newest jobs</h2>
          <JobTable jobs={others} />
        </section>
      </>
    )
  }
}

const Empty = () => (
  <Message icon="check" title="There are no jobs">
    <p>Work that is done beside requests is shown here, with its progress and its errors.</p>
  </Message>
)
