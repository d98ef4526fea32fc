// Codes of the API in words for people.
import type { Due, FilterKey } from '../api/filter'
import type { Pack, Severity, Status } from '../api/types'

export const severityWords: Record<Severity, string> = {
  CRITICAL: 'Critical',
  HIGH: 'High',
  MEDIUM: 'Medium',
  LOW: 'Low',
}

export const statusWords: Record<Status, string> = {
  OPEN: 'Open',
  IN_PROGRESS: 'In progress',
  WAITING: 'Waiting',
  PENDING_APPROVAL: 'Approval',
  RESOLVED: 'Resolved',
}

export const dueWords: Record<Due, string> = {
  late: 'Late',
  nextHour: 'Next hour',
  today: 'Within a day',
  later: 'Later',
}

export const filterWords: Record<FilterKey, string> = {
  severity: 'Severity',
  status: 'Status',
  due: 'Due',
  queue: 'Queue',
  type: 'Type',
  source: 'Source',
  owner: 'Owner',
  resolution: 'Resolution',
  rootCause: 'Root cause',
  waitingFor: 'Waiting for',
  breached: 'Breached',
  escalated: 'Escalated',
  severityChanged: 'Severity changed',
  parent: 'Parts of',
  entity: 'Entity',
  q: 'Search',
  createdFrom: 'Created from',
  createdTo: 'Created before',
  agedFrom: 'Aged from',
  agedTo: 'Aged before',
  dueFrom: 'Due from',
  dueTo: 'Due before',
  resolvedFrom: 'Resolved from',
  resolvedTo: 'Resolved before',
}

const flagWords = { true: 'Yes', false: 'No' }

const fixed: Partial<Record<FilterKey, Record<string, string>>> = {
  severity: severityWords,
  status: statusWords,
  due: dueWords,
  owner: { me: 'Me', none: 'Nobody' },
  breached: flagWords,
  escalated: flagWords,
  severityChanged: flagWords,
}

/** A filter value as people know it; a code the pack does not name stays as it is. */
export function valueWord(pack: Pack | undefined, key: FilterKey, value: string): string {
  if (key === 'queue') return pack?.queues[value]?.label ?? value
  if (key === 'type') return pack?.types[value]?.label ?? value
  return fixed[key]?.[value] ?? value
}

/** `FIN-7c1e…-0042`: enough to recognise an id, the rest in its tooltip. */
export function shortId(exceptionId: string): string {
  const parts = exceptionId.split('-')
  const [prefix, first] = parts
  const sequence = parts.at(-1)
  if (parts.length < 7 || !prefix || !first || !sequence) return exceptionId
  return `${prefix}-${first.slice(0, 4)}…-${sequence}`
}
