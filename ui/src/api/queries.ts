// What the desk asks the server, one definition per resource; keys start with the tenant so that nothing is shared between two.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'
import type { ExceptionEvent } from './types'
import { defaultSort, filterOf, filterQuery, type DeskSearch, type Filter } from './filter'

/** The first page is small, so that rows show at once; the others are as large as the server allows. */
const firstPage = 100
const furtherPages = 500

export const sessionQuery = () =>
  queryOptions({
    queryKey: ['session'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/session', { signal })),
    staleTime: Infinity,
    gcTime: Infinity,
  })

export const packQuery = (tenant: string) =>
  queryOptions({
    queryKey: [tenant, 'pack'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/tenants/{tenant}/pack', { params: { path: { tenant } }, signal })),
    staleTime: 300_000,
  })

/** The list does not refresh on its own: rows must not move under the hand. `reloadList` does it. */
export const exceptionsQuery = (tenant: string, search: DeskSearch) =>
  infiniteQueryOptions({
    queryKey: [tenant, 'exceptions', search],
    queryFn: ({ pageParam, signal }) => {
      const page = { limit: pageParam ? furtherPages : firstPage, cursor: pageParam }
      const query = { ...filterQuery(search), sort: search.sort ?? defaultSort, ...page }
      return unwrap(api.GET('/v1/tenants/{tenant}/exceptions', { params: { path: { tenant }, query }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    staleTime: Infinity,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
    // Comparing 100,000 rows on every page costs more than drawing the thirty that show.
    structuralSharing: false,
  })

export const facetsQuery = (tenant: string, filter: Filter) =>
  queryOptions({
    queryKey: [tenant, 'facets', filter],
    queryFn: ({ signal }) => {
      const params = { path: { tenant }, query: filterQuery(filter) }
      return unwrap(api.GET('/v1/tenants/{tenant}/exceptions:facets', { params, signal }))
    },
    staleTime: 15_000,
    placeholderData: keepPreviousData,
  })

export const facetsOf = (tenant: string, search: DeskSearch) => facetsQuery(tenant, filterOf(search))

export const exceptionQuery = (tenant: string, exceptionId: string) =>
  queryOptions({
    queryKey: [tenant, 'exception', exceptionId],
    queryFn: ({ signal }) => {
      const params = { path: { tenant, exceptionId } }
      return unwrap(api.GET('/v1/tenants/{tenant}/exceptions/{exceptionId}', { params, signal }))
    },
    staleTime: 15_000,
  })

export const eventsQuery = (tenant: string, exceptionId: string) =>
  queryOptions({
    queryKey: [tenant, 'events', exceptionId],
    queryFn: async ({ signal }) => {
      const items: ExceptionEvent[] = []
      for (let after: number | null = 0; after !== null; ) {
        const params = { path: { tenant, exceptionId }, query: { after } }
        const page: { items: ExceptionEvent[]; next: number | null } = await unwrap(
          api.GET('/v1/tenants/{tenant}/exceptions/{exceptionId}/events', { params, signal }),
        )
        items.push(...page.items)
        after = page.next
      }
      return { items }
    },
    staleTime: 15_000,
  })

/** What a source sent that changed an exception; a body never changes. */
export const evidenceQuery = (tenant: string, exceptionId: string, sha256: string) =>
  queryOptions({
    queryKey: [tenant, 'evidence', exceptionId, sha256],
    queryFn: ({ signal }) => {
      const params = { path: { tenant, exceptionId, sha256 } }
      return unwrap(api.GET('/v1/tenants/{tenant}/exceptions/{exceptionId}/evidence/{sha256}', { params, signal }))
    },
    staleTime: Infinity,
  })

/** What repeats an exception, the first hundred. */
export const recurrencesQuery = (tenant: string, exceptionId: string) =>
  queryOptions({
    queryKey: [tenant, 'recurrences', exceptionId],
    queryFn: ({ signal }) => {
      const params = { path: { tenant, exceptionId } }
      return unwrap(api.GET('/v1/tenants/{tenant}/exceptions/{exceptionId}/recurrences', { params, signal }))
    },
    staleTime: 15_000,
  })
