// The commands of a bulk run: what each asks for, and how its answers become a command. Whether it may be is the server's to say.
import type { BulkCommand } from '../../../api/bulk'
import type { Code, Codes } from '../../../api/codes'
import { severities } from '../../../api/filter'
import type { Pack } from '../../../api/types'
import { severityWords } from '../../../components/words'

export const verbs = [
  'claim',
  'assign',
  'release',
  'wait',
  'escalate',
  'changeSeverity',
  'move',
  'resolve',
  'snooze',
  'comment',
] as const
export type Verb = (typeof verbs)[number]
export type Values = Partial<Record<string, string>>

export const verbWords: Record<Verb, string> = {
  claim: 'Claim',
  assign: 'Assign',
  release: 'Release',
  wait: 'Let wait',
  escalate: 'Escalate',
  changeSeverity: 'Change severity',
  move: 'Move to a queue',
  resolve: 'Resolve',
  snooze: 'Snooze',
  comment: 'Comment',
}

export interface Field {
  name: string
  label: string
  kind: 'choice' | 'line' | 'text' | 'time' | 'day'
  options?: Code[]
  optional?: boolean
  hint?: string
}

export interface Choices {
  codes: Codes | undefined
  /** Types of the exceptions it is about. */
  types: string[]
  pack: Pack | undefined
  /** Who can be given exceptions. */
  people: string[]
}

const reason: Field = { name: 'reason', label: 'Reason', kind: 'line' }
const note: Field = { name: 'note', label: 'Note', kind: 'line', optional: true }

export function fieldsOf(verb: Verb, choices: Choices, values: Values): Field[] {
  switch (verb) {
    case 'claim':
    case 'release':
      return []
    case 'assign':
      return [choice('owner', 'To', named(choices.people))]
    case 'wait':
      return [
        choice('reason', 'For', choices.codes?.waiting ?? []),
        { name: 'until', label: 'Until at the latest', kind: 'time' },
        note,
      ]
    case 'escalate':
      return [reason]
    case 'changeSeverity':
      return [choice('severity', 'To', coded(severityWords, severities)), reason]
    case 'move':
      return [{ ...choice('queue', 'To', queues(choices.pack)), hint: 'For supervisors.' }, reason]
    case 'resolve':
      return endings(choices, values)
    case 'snooze':
      return [
        { name: 'until', label: 'Until', kind: 'day', hint: 'A business day of each exception’s calendar.' },
        reason,
      ]
    case 'comment':
      return [{ name: 'text', label: 'Comment', kind: 'text', hint: 'Markdown.' }]
  }
}

/** Types differ in how and why they end: what fewer know says so, and the causes are those of the types that know the resolution. */
function endings({ codes, types }: Choices, values: Values): Field[] {
  const known = types.filter((type) => codes?.types[type])
  const ending = known.filter((type) => codes?.types[type]?.resolutions.some(({ code }) => code === values.resolution))
  const how = union(known.map((type) => codes?.types[type]?.resolutions ?? []))
  const why = union(ending.map((type) => codes?.types[type]?.rootCauses ?? []))
  const hint = known.length > 1 ? 'Types that do not know the code are refused, as the preview says.' : undefined
  return [
    { ...choice('resolution', 'How it ended', how), hint },
    { ...choice('rootCause', 'Why it happened', why), hint: values.resolution ? undefined : 'After how it ended.' },
    note,
  ]
}

/** Every code once, those of the most types first; what not all types know tells how many do. */
export function union(lists: Code[][]): Code[] {
  const found = new Map<string, { label: string; count: number }>()
  for (const { code, label } of lists.flat()) {
    const before = found.get(code)
    found.set(code, { label: before?.label ?? label, count: (before?.count ?? 0) + 1 })
  }
  const sorted = [...found].sort(([, a], [, b]) => b.count - a.count)
  return sorted.map(([code, { label, count }]) => ({
    code,
    label: count < lists.length ? `${label} (${count} of ${lists.length} types)` : label,
  }))
}

const choice = (name: string, label: string, options: Code[]): Field => ({ name, label, kind: 'choice', options })
const named = (people: string[]) => people.map((code) => ({ code, label: code }))
const coded = (words: Record<string, string>, codes: readonly string[]) =>
  codes.map((code) => ({ code, label: words[code] ?? code }))
const queues = (pack: Pack | undefined) =>
  Object.entries(pack?.queues ?? {}).map(([code, { label }]) => ({ code, label }))

/** The command as it is sent: only what its form asks for, without what was left empty; times with their zone. */
export function commandOf(verb: Verb, fields: Field[], values: Values): BulkCommand {
  const given = fields
    .map((field): [string, string] => [field.name, written(field, values[field.name]?.trim() ?? '')])
    .filter(([, value]) => value)
  return { command: verb, ...Object.fromEntries(given) } as BulkCommand
}

const written = ({ kind }: Field, value: string) =>
  kind === 'time' && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString() : value
