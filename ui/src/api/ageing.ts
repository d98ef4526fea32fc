// How old unresolved work is, and the list that each figure counts.
import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'
import { statuses, type DeskSearch } from './filter'
import type { AgeBucket } from './types'

export const ageingQuery = (tenant: string) =>
  queryOptions({
    queryKey: [tenant, 'ageing'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/tenants/{tenant}/ageing', { params: { path: { tenant } }, signal })),
    staleTime: 5_000,
    refetchInterval: 30_000,
  })

/** The desk's filter for exactly what a figure counts. */
export function listOf(type: string, bucket?: Pick<AgeBucket, 'agedFrom' | 'agedTo'>): DeskSearch {
  return {
    type: [type],
    status: statuses.filter((status) => status !== 'RESOLVED'),
    agedFrom: bucket?.agedFrom ?? undefined,
    agedTo: bucket?.agedTo ?? undefined,
    sort: 'due',
  }
}

export const bucketWords = ({ least, most }: Pick<AgeBucket, 'least' | 'most'>) =>
  most === null ? `over ${String(least - 1)}` : `${String(least)}–${String(most)}`
