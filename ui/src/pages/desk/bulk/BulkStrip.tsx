// The runs of this person that go on beside the desk. What a run has changed shows when it is over.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { bulkQuery, runsOf, type BulkRun } from '../../../api/bulk'
import { codesQuery } from '../../../api/codes'
import { packQuery } from '../../../api/queries'
import { reloadList } from '../../../api/reload'
import { IconButton } from '../../../ui/Button'
import { RunProgress } from '../../bulk/RunProgress'
import { commandWords, nameOf } from '../../bulk/words'
import styles from './BulkStrip.module.css'

const route = getRouteApi('/member/desk')

export function BulkStrip({ tenantId }: { tenantId: string }) {
  const { session } = route.useRouteContext()
  const pack = useQuery(packQuery(tenantId)).data
  const runs = runsOf(useInfiniteQuery(bulkQuery(tenantId)).data).filter((run) => run.createdBy === nameOf(session))
  const running = runs.filter(({ state }) => state === 'RUNNING').map(({ runId }) => runId)
  /** Runs that ran under the eyes of this page, until they are dismissed. */
  const [watched, setWatched] = useState<string[]>([])
  const unseen = running.filter((runId) => !watched.includes(runId))
  if (unseen.length > 0) setWatched([...watched, ...unseen])
  useReloadAfter(tenantId, running)
  const codes = useQuery({ ...codesQuery(tenantId), enabled: watched.length > 0 }).data
  const shown = runs.filter(({ runId }) => watched.includes(runId))
  if (shown.length === 0) return null
  return (
    <ul className={styles.strip} aria-label="Bulk runs">
      {shown.map((run: BulkRun) => (
        <li key={run.runId}>
          <Link className={styles.what} to="/bulk/$runId" params={{ runId: run.runId }}>
            {commandWords(run.command, { pack, codes })}
          </Link>
          <span role="status">
            <RunProgress run={run} />
          </span>
          {run.state === 'RUNNING' ? null : (
            <IconButton
              icon="close"
              label="Dismiss"
              onClick={() => setWatched(watched.filter((runId) => runId !== run.runId))}
            />
          )}
        </li>
      ))}
    </ul>
  )
}

/** Reads again what a run has changed, once it is over. */
function useReloadAfter(tenantId: string, running: string[]) {
  const client = useQueryClient()
  const search = route.useSearch()
  const before = useRef<string[]>([])
  const reload = useEffectEvent(() => {
    for (const what of ['facets', 'exception', 'events', 'queues', 'approvals'])
      void client.invalidateQueries({ queryKey: [tenantId, what] })
    void reloadList(client, tenantId, search)
  })
  const ids = running.join(' ')
  useEffect(() => {
    const now = ids === '' ? [] : ids.split(' ')
    if (before.current.some((runId) => !now.includes(runId))) reload()
    before.current = now
  }, [ids])
}
