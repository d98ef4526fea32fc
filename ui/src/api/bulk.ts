// One command for many exceptions: the preview, who agrees to it, how far it is and what became of each.
import { infiniteQueryOptions, queryOptions, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { api, unwrap } from './client'
import { filterQuery, readParameters, readSearch, type DeskSearch } from './filter'
import type { paths } from './schema'

type Post<Path extends keyof paths> = NonNullable<paths[Path]['post']>
type Body<Operation> = Operation extends { responses: { 200: { content: { 'application/json': infer Json } } } }
  ? Json
  : never

type Preview = Post<'/v1/tenants/{tenant}/exceptions:bulk'>
export type BulkCommand = Preview['requestBody']['content']['application/json']
export type BulkPreview = Body<Preview>
export type BulkRun = BulkPreview['run']
export type BulkPage = Body<paths['/v1/tenants/{tenant}/bulk']['get']>
export type BulkItem = Body<paths['/v1/tenants/{tenant}/bulk/{runId}/items']['get']>['items'][number]

export const outcomes = ['DONE', 'APPROVAL_REQUESTED', 'REFUSED'] as const
export type Outcome = (typeof outcomes)[number]

export interface BulkSearch {
  /** Only exceptions that fared so. */
  outcome?: Outcome
}

/** The search of an address; what does not fit is left out. */
export function readBulk(raw: Record<string, unknown>): BulkSearch {
  const outcome = outcomes.find((known) => known === raw.outcome)
  return outcome ? { outcome } : {}
}

/** The filter of a run as the desk has it in its address. */
export const searchOf = (filter: string): DeskSearch => readSearch(readParameters(filter))

/** How often to look again, in milliseconds: a run moves by itself, a request by somebody else's hand. */
const again = { RUNNING: 1_000, PENDING: 5_000 } as const
const pauseOf = (runs: BulkRun[]): number | false => {
  if (runs.some(({ state }) => state === 'RUNNING')) return again.RUNNING
  return runs.some(({ state }) => state === 'PENDING') ? again.PENDING : false
}

export const runsOf = (data: InfiniteData<BulkPage> | undefined): BulkRun[] =>
  data?.pages.flatMap((page) => page.items) ?? []

export const bulkQuery = (tenant: string) =>
  infiniteQueryOptions({
    queryKey: [tenant, 'bulk'],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/v1/tenants/{tenant}/bulk', { params: { path: { tenant }, query: { before: pageParam } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    staleTime: 5_000,
    refetchInterval: ({ state: { data } }) => pauseOf(runsOf(data)),
  })

export const runQuery = (tenant: string, runId: string) =>
  queryOptions({
    queryKey: [tenant, 'bulk run', runId],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/v1/tenants/{tenant}/bulk/{runId}', { params: { path: { tenant, runId } }, signal })),
    staleTime: 1_000,
    refetchInterval: ({ state: { data } }) => (data ? pauseOf([data]) : false),
  })

/** `processed` belongs to the key: with every portion that is carried out the outcomes are other ones. */
export const itemsQuery = (tenant: string, { runId, processed }: BulkRun, outcome: Outcome | undefined) =>
  infiniteQueryOptions({
    queryKey: [tenant, 'bulk items', runId, outcome ?? 'ALL', processed],
    queryFn: ({ pageParam, signal }) => {
      const params = { path: { tenant, runId }, query: { outcome, after: pageParam } }
      return unwrap(api.GET('/v1/tenants/{tenant}/bulk/{runId}/items', { params, signal }))
    },
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    staleTime: 60_000,
  })

/** Freezes what the filter selects now and says what the command would do; nothing changes. */
export const previewBulk = (tenant: string, search: DeskSearch, body: BulkCommand) =>
  unwrap(
    api.POST('/v1/tenants/{tenant}/exceptions:bulk', {
      params: { path: { tenant }, query: filterQuery(search) },
      body,
    }),
  )

/** Who can be given exceptions. */
export const peopleQuery = (tenant: string) =>
  queryOptions({
    queryKey: [tenant, 'people'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/tenants/{tenant}/members', { params: { path: { tenant } }, signal })),
    staleTime: 60_000,
  })

export type Decision = 'commit' | 'grant' | 'discard'

export const decideBulk = (tenant: string, runId: string, decision: Decision) =>
  unwrap(api.POST(`/v1/tenants/{tenant}/bulk/{runId}/${decision}`, { params: { path: { tenant, runId } } }))

/** After a decision: the run as it is now, in every place that shows it. */
export function rememberRun(client: QueryClient, tenant: string, run: BulkRun) {
  client.setQueryData(runQuery(tenant, run.runId).queryKey, run)
  client.setQueryData(bulkQuery(tenant).queryKey, (list) => list && { ...list, pages: withRun(list.pages, run) })
  void client.invalidateQueries({ queryKey: [tenant, 'bulk'] })
}

/** The pages with the run as it is now; one that is not there yet is the newest. */
export function withRun(pages: BulkPage[], run: BulkRun): BulkPage[] {
  const isIt = ({ runId }: BulkRun) => runId === run.runId
  if (pages.some(({ items }) => items.some(isIt)))
    return pages.map((page) => ({ ...page, items: page.items.map((item) => (isIt(item) ? run : item)) }))
  return pages.map((page, index) => (index === 0 ? { ...page, items: [run, ...page.items] } : page))
}
