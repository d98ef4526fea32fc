// The codes of a pack for people to choose from, read from its document.
import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'

export interface Code {
  code: string
  label: string
}

export interface Codes {
  /** How and why exceptions of a type end. */
  types: Record<string, { resolutions: Code[]; rootCauses: Code[] }>
  /** What can be waited for. */
  waiting: Code[]
}

interface Document {
  exceptionTypes?: Record<string, { resolutions?: Code[]; rootCauses?: Code[] }>
  waitingReasons?: Record<string, string>
}

/** What is no code is left out. */
export function readCodes(document: unknown): Codes {
  const { exceptionTypes = {}, waitingReasons = {} } = (document ?? {}) as Document
  const types = Object.entries(exceptionTypes).map(([name, { resolutions = [], rootCauses = [] }]) => [
    name,
    { resolutions, rootCauses },
  ])
  return {
    types: Object.fromEntries(types) as Codes['types'],
    waiting: Object.entries(waitingReasons).map(([code, label]) => ({ code, label })),
  }
}

export const codesQuery = (tenant: string) =>
  queryOptions({
    queryKey: [tenant, 'pack document'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/v1/tenants/{tenant}/pack/document', { params: { path: { tenant } }, signal })),
    select: readCodes,
    staleTime: 300_000,
  })
