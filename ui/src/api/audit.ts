// The tenant's chain of events: which part of it a page shows, what the desk asks about it, and its verification.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'

export interface AuditSearch {
  /** Only events of this kind. */
  kind?: string
}

/** The search of an address; what does not fit is left out. */
export const readAudit = (raw: Record<string, unknown>): AuditSearch =>
  typeof raw.kind === 'string' && /^[a-z_-]{1,100}$/.test(raw.kind) ? { kind: raw.kind } : {}

export const chainHeadQuery = (tenant: string) =>
  queryOptions({
    queryKey: [tenant, 'chain-head'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/v1/tenants/{tenant}/audit/head', { params: { path: { tenant } }, signal })),
    staleTime: 5_000,
  })

/** The newest events first. */
export const chainQuery = (tenant: string, { kind }: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: [tenant, 'chain', kind],
    queryFn: ({ pageParam, signal }) => {
      const query = { before: pageParam, kind, limit: 100 }
      return unwrap(api.GET('/v1/tenants/{tenant}/audit/events', { params: { path: { tenant }, query }, signal }))
    },
    initialPageParam: Number.MAX_SAFE_INTEGER,
    getNextPageParam: (last) => last.next ?? undefined,
    staleTime: 5_000,
    placeholderData: keepPreviousData,
  })

export const verifyChain = (tenant: string) =>
  unwrap(api.POST('/v1/tenants/{tenant}/audit/verify', { params: { path: { tenant } } }))
