// Working exceptions: what the desk asks about it, the commands, and what is no longer so after one.
import { infiniteQueryOptions, queryOptions, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { api, unwrap } from './client'
import { readDemands } from './demand'
import { exceptionQuery } from './queries'
import type { ApprovalState, Command, ExceptionDetail, ExceptionItem, ExceptionPage } from './types'

export const peopleQuery = (tenant: string) =>
  queryOptions({
    queryKey: [tenant, 'people'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/tenants/{tenant}/members', { params: { path: { tenant } }, signal })),
    staleTime: 60_000,
  })

export const queuesQuery = (tenant: string) =>
  queryOptions({
    queryKey: [tenant, 'queues'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/tenants/{tenant}/queues', { params: { path: { tenant } }, signal })),
    staleTime: 5_000,
  })

/** What the active pack wants a second person for. */
export const demandsQuery = (tenant: string) =>
  queryOptions({
    queryKey: [tenant, 'pack document'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/v1/tenants/{tenant}/pack/document', { params: { path: { tenant } }, signal })),
    select: readDemands,
    staleTime: 300_000,
  })

export const approvalsQuery = (tenant: string, state: ApprovalState) =>
  infiniteQueryOptions({
    queryKey: [tenant, 'approvals', state],
    queryFn: ({ pageParam, signal }) => {
      const query = { state, cursor: pageParam }
      return unwrap(api.GET('/v1/tenants/{tenant}/approvals', { params: { path: { tenant }, query }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    staleTime: 5_000,
  })

/** Refused with 412 where the exception is no longer at the version that was seen. */
export const carryOut = (tenant: string, exceptionId: string, version: number, body: Command) =>
  unwrap(
    api.POST('/v1/tenants/{tenant}/exceptions/{exceptionId}/commands', {
      params: { path: { tenant, exceptionId }, header: { 'If-Match': `"${version}"` } },
      body,
    }),
  )

/** The most urgent that nobody has, claimed; undefined where nothing waits. */
export const claimNext = async (tenant: string, queue: string): Promise<ExceptionDetail | undefined> =>
  (await unwrap(api.POST('/v1/tenants/{tenant}/queues/{queue}/next', { params: { path: { tenant, queue } } }))) ||
  undefined

/** The live line also tells what oneself has just done, a moment later. */
const echo = 2_000
let doneAt = -echo
export const isEcho = () => performance.now() - doneAt < echo

/** After a command: the exception as it is now, in every place that shows it. Rows stay where they are under the hand. */
export function remember(client: QueryClient, tenant: string, detail: ExceptionDetail) {
  const { exceptionId, workflow } = detail
  const before = client.getQueryData(exceptionQuery(tenant, exceptionId).queryKey)
  doneAt = performance.now()
  client.setQueryData(exceptionQuery(tenant, exceptionId).queryKey, detail)
  client.setQueriesData<InfiniteData<ExceptionPage>>(
    { queryKey: [tenant, 'exceptions'] },
    (list) => list && { ...list, pages: list.pages.map((page) => withItem(page, detail)) },
  )
  client.removeQueries({ queryKey: [tenant, 'exceptions'], type: 'inactive' })
  void client.invalidateQueries({ queryKey: [tenant, 'events', exceptionId] })
  // A whole tells how its parts stand.
  for (const whole of new Set([before?.workflow.parent, workflow.parent]))
    if (whole) void client.invalidateQueries({ queryKey: exceptionQuery(tenant, whole).queryKey })
  for (const what of ['facets', 'queues', 'approvals']) void client.invalidateQueries({ queryKey: [tenant, what] })
}

export function withItem(page: ExceptionPage, detail: ExceptionDetail): ExceptionPage {
  if (!page.items.some((item) => item.exceptionId === detail.exceptionId)) return page
  return {
    ...page,
    items: page.items.map((item) => (item.exceptionId === detail.exceptionId ? itemOf(detail, item) : item)),
  }
}

/** What a list shows of an exception. */
const itemOf = (detail: ExceptionDetail, item: ExceptionItem): ExceptionItem =>
  Object.fromEntries(
    Object.keys(item).map((key) => [key, detail[key as keyof ExceptionItem]]),
  ) as unknown as ExceptionItem

/** After word that something has changed: what shows is read again, but for the list, whose rows must not move under the hand. */
export function freshen(client: QueryClient, tenant: string) {
  for (const what of ['facets', 'exception', 'events', 'queues', 'approvals'])
    void client.invalidateQueries({ queryKey: [tenant, what] })
}

/** After a command was refused: look again. */
export const lookAgain = async (client: QueryClient, tenant: string, exceptionId: string) => {
  void client.invalidateQueries({ queryKey: [tenant, 'events', exceptionId] })
  void client.invalidateQueries({ queryKey: [tenant, 'approvals'] })
  return client.fetchQuery({ ...exceptionQuery(tenant, exceptionId), staleTime: 0 })
}
