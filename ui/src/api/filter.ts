// The filter grammar of the API, which is also the grammar of the desk's URL.
import type { Severity, Status } from './types'

export const severities: readonly Severity[] = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']
export const statuses: readonly Status[] = ['OPEN', 'IN_PROGRESS', 'WAITING', 'PENDING_APPROVAL', 'RESOLVED']
export const dues = ['late', 'nextHour', 'today', 'later'] as const
export const sortKeys = [
  'created',
  'due',
  'severity',
  'type',
  'status',
  'queue',
  'source',
  'owner',
  'exposure',
  'lateness',
] as const
/** What either holds or does not. */
export const flagKeys = ['breached', 'escalated', 'severityChanged'] as const

export type Due = (typeof dues)[number]
export type Flag = 'true' | 'false'
export type FlagKey = (typeof flagKeys)[number]
export type SortKey = (typeof sortKeys)[number]
export type Sort = SortKey | `-${SortKey}`

export const defaultSort: Sort = '-created'

/** What the list shows. Absent means not filtered; lists are never empty. */
export interface Filter {
  severity?: Severity[]
  status?: Status[]
  due?: Due[]
  queue?: string[]
  type?: string[]
  source?: string[]
  /** Names; `me`, and `none` for nobody. */
  owner?: string[]
  /** Codes. */
  resolution?: string[]
  rootCause?: string[]
  waitingFor?: string[]
  breached?: Flag
  escalated?: Flag
  severityChanged?: Flag
  /** The whole that they are parts of. */
  parent?: string
  entity?: string
  q?: string
  createdFrom?: string
  createdTo?: string
  /** Days from which ages count. */
  agedFrom?: string
  agedTo?: string
  dueFrom?: string
  dueTo?: string
  resolvedFrom?: string
  resolvedTo?: string
  /** Values of fields of the payload, by name. */
  fields?: Record<string, string[]>
}

/** The whole state of the desk but the open exception, which is in the path. */
export interface DeskSearch extends Filter {
  sort?: Sort
}

export type FilterKey = Exclude<keyof Filter, 'fields'>
export const listKeys = [
  'severity',
  'status',
  'due',
  'queue',
  'type',
  'source',
  'owner',
  'resolution',
  'rootCause',
  'waitingFor',
] as const
export type ListKey = (typeof listKeys)[number]

export const textKeys = [
  ...flagKeys,
  'parent',
  'entity',
  'q',
  'createdFrom',
  'createdTo',
  'agedFrom',
  'agedTo',
  'dueFrom',
  'dueTo',
  'resolvedFrom',
  'resolvedTo',
] as const

const known: Partial<Record<ListKey, readonly string[]>> = { severity: severities, status: statuses, due: dues }
const sorts = new Set<string>(sortKeys.flatMap((key) => [key, `-${key}`]))

/** The values of a list as text: a backslash makes the comma, or the backslash, behind it part of a value. */
const listValues = (text: string): string[] =>
  [...text.matchAll(/(?:\\[^]|[^,\\])+/g)].map(([written]) => written.replaceAll(/\\([,\\])/g, '$1'))

const listText = (values: readonly string[]): string =>
  values.map((value) => value.replaceAll(/[,\\]/g, '\\$&')).join(',')

/** A list as an address has it, or as it was read before. */
const readList = (value: unknown): string[] =>
  (Array.isArray(value) ? value.map(String) : typeof value === 'string' ? listValues(value) : [])
    .map((part) => part.trim())
    .filter(Boolean)

const fieldPrefix = 'field.'

const isFlag = (key: string): boolean => flagKeys.some((flag) => flag === key)

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

/** A value of a payload: white space is one, too. */
const isValue = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Fields as the URL has them, `field.NAME`, or as they were read before. */
function readFields(raw: Record<string, unknown>): Record<string, string[]> {
  const written = Object.entries(raw).filter(([key]) => key.startsWith(fieldPrefix) && key.length > fieldPrefix.length)
  const all = [
    ...written.map(([key, values]) => [key.slice(fieldPrefix.length), values] as const),
    ...(raw.fields && typeof raw.fields === 'object' ? Object.entries(raw.fields as Record<string, unknown>) : []),
  ]
  const read = all.map(([name, values]): [string, string[]] => [name, [...new Set([values].flat().filter(isValue))]])
  return Object.fromEntries(read.filter(([, values]) => values.length > 0))
}

/** The parameters of an address by name: repeated lists add up, what else is repeated keeps each of its values. */
export function readParameters(text: string): Record<string, string | string[]> {
  const parameters = new URLSearchParams(text)
  const read = [...new Set(parameters.keys())].map((key): [string, string | string[]] => {
    const values = parameters.getAll(key)
    if (values.length === 1) return [key, values[0] ?? '']
    return [key, listKeys.some((known) => known === key) ? values.join(',') : values]
  })
  return Object.fromEntries(read)
}

/** Reads search parameters that anybody may have typed: what is not in the grammar is left out. */
export function readSearch(raw: Record<string, unknown>): DeskSearch {
  const search: Record<string, string | string[] | Record<string, string[]>> = {}
  for (const key of listKeys) {
    const values = [...new Set(readList(raw[key]))].filter((value) => known[key]?.includes(value) ?? true)
    if (values.length > 0) search[key] = values
  }
  for (const key of textKeys) {
    const value = raw[key]
    const fits = isFlag(key) ? value === 'true' || value === 'false' : key === 'entity' ? isValue(value) : isText(value)
    if (fits) search[key] = value as string
  }
  const fields = readFields(raw)
  if (Object.keys(fields).length > 0) search.fields = fields
  if (typeof raw.sort === 'string' && sorts.has(raw.sort) && raw.sort !== defaultSort) search.sort = raw.sort
  return search as DeskSearch
}

/** The query parameters the API takes for a filter. */
export function filterQuery(filter: Filter) {
  const lists = listKeys.map((key) => [key, filter[key] && listText(filter[key])] as const)
  const texts = textKeys.filter((key) => !isFlag(key)).map((key) => [key, filter[key]] as const)
  const flags = flagKeys.filter((key) => filter[key]).map((key) => [key, filter[key] === 'true'] as const)
  const fields = Object.entries(filter.fields ?? {}).map(([name, values]) => [fieldPrefix + name, values] as const)
  const named = Object.fromEntries([...lists, ...texts].filter(([, value]) => value)) as Partial<
    Record<Exclude<FilterKey, FlagKey>, string>
  >
  const flagged = Object.fromEntries(flags) as Partial<Record<FlagKey, boolean>>
  return { ...named, ...flagged, ...(Object.fromEntries(fields) as Record<`field.${string}`, string[]>) }
}

export const filterOf = (search: DeskSearch): Filter => readSearch({ ...search, sort: undefined })
export const isFiltered = (search: DeskSearch) => Object.keys(filterOf(search)).length > 0

/** Adds the value to the list under `key`, or takes it out. */
export function toggled(search: DeskSearch, key: ListKey, value: string): DeskSearch {
  const now: string[] = search[key] ?? []
  const next = now.includes(value) ? now.filter((other) => other !== value) : [...now, value]
  return readSearch({ ...search, [key]: next })
}

/** Restricts to what a flag holds for, or no longer. */
export const flagged = (search: DeskSearch, key: FlagKey): DeskSearch =>
  readSearch({ ...search, [key]: search[key] === 'true' ? undefined : 'true' })

export const without = (search: DeskSearch, key: FilterKey): DeskSearch => readSearch({ ...search, [key]: undefined })

/** Drops the choice of values of one field. */
export const withoutField = (search: DeskSearch, name: string): DeskSearch =>
  readSearch({ ...search, fields: { ...search.fields, [name]: [] } })
