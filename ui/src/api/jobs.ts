// Work beside requests: what the desk asks about it, and the decisions about dead letters.
import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, unwrap } from './client'
import type { JobPage } from './types'

/** How often a page is read again while something runs, in milliseconds. */
const WHILE_RUNNING = 2_000

/** Whether something runs or is due within a minute; tomorrow's sweep is no reason to ask again. */
const isUnderWay = (page: JobPage | undefined) =>
  page?.items.some(
    ({ state, runAt }) => state === 'RUNNING' || (state === 'QUEUED' && Date.parse(runAt) < Date.now() + 60_000),
  ) ?? false

export const jobsQuery = (tenant: string, state?: 'RUNNING' | 'DEAD') =>
  queryOptions({
    queryKey: [tenant, 'jobs', state ?? 'ALL'],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/v1/tenants/{tenant}/jobs', { params: { path: { tenant }, query: { state, limit: 100 } }, signal }),
      ),
    refetchInterval: ({ state: { data } }) => (isUnderWay(data) ? WHILE_RUNNING : false),
  })

export const replayJob = (tenant: string, jobId: string) =>
  unwrap(api.POST('/v1/tenants/{tenant}/jobs/{jobId}/replay', { params: { path: { tenant, jobId } } }))

export const discardJob = (tenant: string, jobId: string, reason: string) =>
  unwrap(
    api.POST('/v1/tenants/{tenant}/jobs/{jobId}/discard', { params: { path: { tenant, jobId } }, body: { reason } }),
  )

/** After a decision: what was read of it is no longer so. */
export const forgetJobs = (client: QueryClient, tenant: string) =>
  client.invalidateQueries({ queryKey: [tenant, 'jobs'] })

/** How far a job is, where its progress says so in numbers. */
export function progressOf(progress: unknown): { done: number; total: number } | undefined {
  if (typeof progress !== 'object' || progress === null) return undefined
  const { done, total } = progress as { done?: unknown; total?: unknown }
  if (typeof done !== 'number' || typeof total !== 'number' || !(total > 0)) return undefined
  return { done: Math.min(Math.max(done, 0), total), total }
}
