// What rules refused: which part of it a page shows, what the desk asks about it, and the two decisions.
import { infiniteQueryOptions, keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, unwrap } from './client'
import type { QuarantineState } from './types'

export interface QuarantineSearch {
  /** HELD unless given. */
  state?: Exclude<QuarantineState, 'HELD'>
  /** Only entries with this fault. */
  code?: string
}

/** Held objects with one of the faults, or all of them. */
export type Which = { code: string } | { all: true }

/** The search of an address; what does not fit is left out. */
export function readQuarantine(raw: Record<string, unknown>): QuarantineSearch {
  const search: QuarantineSearch = {}
  if (raw.state === 'REPLAYED' || raw.state === 'DISCARDED') search.state = raw.state
  if (typeof raw.code === 'string' && /^[a-z0-9-]{1,100}$/.test(raw.code)) search.code = raw.code
  return search
}

export const quarantineQuery = (tenant: string, search: QuarantineSearch) =>
  infiniteQueryOptions({
    queryKey: [tenant, 'quarantine', search],
    queryFn: ({ pageParam, signal }) => {
      const query = { state: search.state ?? 'HELD', code: search.code, cursor: pageParam }
      return unwrap(api.GET('/v1/tenants/{tenant}/quarantine', { params: { path: { tenant }, query }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    staleTime: 15_000,
    placeholderData: keepPreviousData,
  })

export const quarantinedQuery = (tenant: string, quarantineId: string) =>
  queryOptions({
    queryKey: [tenant, 'quarantined', quarantineId],
    queryFn: ({ signal }) => {
      const params = { path: { tenant, quarantineId } }
      return unwrap(api.GET('/v1/tenants/{tenant}/quarantine/{quarantineId}', { params, signal }))
    },
    staleTime: 15_000,
  })

export const replayOne = (tenant: string, quarantineId: string) =>
  unwrap(
    api.POST('/v1/tenants/{tenant}/quarantine/{quarantineId}/replay', { params: { path: { tenant, quarantineId } } }),
  )

export const discardOne = (tenant: string, quarantineId: string, reason: string) =>
  unwrap(
    api.POST('/v1/tenants/{tenant}/quarantine/{quarantineId}/discard', {
      params: { path: { tenant, quarantineId } },
      body: { reason },
    }),
  )

/** Portion by portion, until all are tried. */
export async function replayMany(tenant: string, which: Which) {
  const sum = { replayed: 0, stillRejected: 0 }
  let cursor: string | null | undefined
  do {
    const body = { ...which, cursor }
    const done = await unwrap(
      api.POST('/v1/tenants/{tenant}/quarantine/replay', { params: { path: { tenant } }, body }),
    )
    sum.replayed += done.replayed
    sum.stillRejected += done.stillRejected
    cursor = done.next
  } while (cursor)
  return sum
}

/** After a decision: what was read of it is no longer so. */
export async function forgetQuarantine(client: QueryClient, tenant: string) {
  await Promise.all(
    ['quarantine', 'quarantined', 'facets'].map((what) => client.invalidateQueries({ queryKey: [tenant, what] })),
  )
}
