// Every address of the product, built in one place.
import type { ApprovalSearch } from './api/approvals'
import { defaultSort, filterQuery, readSearch, type DeskSearch } from './api/filter'
import type { AuditSearch } from './api/audit'
import type { QuarantineSearch } from './api/quarantine'

const segment = encodeURIComponent

/** A query string people can read: commas stay commas. Empty for nothing. */
export function queryString(parameters: Record<string, string | boolean | string[] | undefined>): string {
  const pairs = Object.entries(parameters)
    .flatMap(([key, values]) => [values].flat().map((value) => [key, value] as const))
    .filter(([, value]) => value || value === false)
    .map(
      ([key, value = '']) => `${segment(key)}=${segment(String(value)).replaceAll('%2C', ',').replaceAll('%3A', ':')}`,
    )
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}

export const deskQuery = (search: DeskSearch) =>
  queryString({ ...filterQuery(search), sort: readSearch({ sort: search.sort }).sort })

export const quarantineQuery = ({ state, code }: QuarantineSearch) => queryString({ state, code })

export const approvalsQuery = ({ state }: ApprovalSearch) => queryString({ state })
export const auditQuery = ({ kind }: AuditSearch) => queryString({ kind })

export const paths = {
  desk: (search: DeskSearch = {}) => `/desk${deskQuery(search)}`,
  exception: (exceptionId: string, search: DeskSearch = {}) =>
    `/desk/exceptions/${segment(exceptionId)}${deskQuery(search)}`,
  quarantine: (search: QuarantineSearch = {}) => `/quarantine${quarantineQuery(search)}`,
  quarantined: (quarantineId: string, search: QuarantineSearch = {}) =>
    `/quarantine/${segment(quarantineId)}${quarantineQuery(search)}`,
  approvals: (search: ApprovalSearch = {}) => `/approvals${approvalsQuery(search)}`,
  audit: (search: AuditSearch = {}) => `/audit${auditQuery(search)}`,
  login: (next?: string) => `/login${queryString({ next })}`,
  apiReference: () => '/docs',
  export: (tenantId: string, format: 'csv' | 'ndjson', search: DeskSearch) =>
    `/v1/tenants/${segment(tenantId)}/exceptions:export${queryString({ format, ...filterQuery(search), sort: search.sort ?? defaultSort })}`,
  live: (tenantId: string) => `/v1/tenants/${segment(tenantId)}/live`,
}

/** Where to go after login: only ever a path of this desk. */
export const safeNext = (next: string | undefined) =>
  next && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : paths.desk()
