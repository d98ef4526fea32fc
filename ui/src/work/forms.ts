// What each command asks of people, as data: one dialog draws them all.
import { demandLine, type Demand } from '../api/demand'
import { severities } from '../api/filter'
import { Problem, problemText } from '../api/problem'
import type { Command, ExceptionDetail, Person, Severity, Verb } from '../api/types'
import { personWord, type Me } from '../components/people'
import { severityWords } from '../components/words'
import { daysUntil, snoozePresets, waitPresets, type Preset } from './moments'

export interface Field {
  /** Name of the member in the command, which faults point to. */
  name: string
  label: string
  kind: 'choice' | 'line' | 'text' | 'time' | 'day'
  options?: { value: string; label: string }[]
  presets?: Preset[]
  optional?: boolean
  hint?: string
}

export type Values = Record<string, string>

export interface Form {
  title: string
  /** The word on the button. */
  send: string
  fields: Field[]
  /** What follows from what was chosen. */
  note?: (values: Values) => string | undefined
  command: (values: Values) => Command
}

export interface Background {
  detail: ExceptionDetail
  me: Me
  people: readonly Person[]
  demands: readonly Demand[]
  now: Date
  /** The step, for what is about one. */
  step?: string
}

const reason: Field = { name: 'reason', label: 'Reason', kind: 'text' }
const note: Field = { name: 'note', label: 'Note', kind: 'text', optional: true }
const given = (values: Values, name: string) => values[name]?.trim() ?? ''
/** Optional texts are left out, not sent empty. */
const noteOf = (values: Values) => given(values, 'note') || undefined
const codes = (list: readonly { code: string; label: string }[]) =>
  list.map(({ code, label }) => ({ value: code, label }))

const forms: Partial<Record<Verb, (background: Background) => Form>> = {
  assign: assignForm,
  wait: waitForm,
  resolve: resolveForm,
  changeSeverity: severityForm,
  snooze: snoozeForm,
  move: moveForm,
  completeStep: stepForm,
  comment: () => ({
    title: 'Comment',
    send: 'Comment',
    fields: [{ name: 'text', label: 'Text', kind: 'text', hint: 'Markdown. @name mentions somebody.' }],
    command: (values) => ({ command: 'comment', text: given(values, 'text') }),
  }),
  link: () => ({
    title: 'Link to a whole',
    send: 'Link',
    fields: [{ name: 'parent', label: 'Id of the exception it is a part of', kind: 'line' }],
    command: (values) => ({ command: 'link', parent: given(values, 'parent') }),
  }),
  skipStep: ({ step = '' }) => ({
    ...reasonOnly('Skip the step', 'Skip', (text) => ({ command: 'skipStep', step, reason: text })),
  }),
  escalate: () => ({
    ...reasonOnly('Escalate', 'Escalate', (text) => ({ command: 'escalate', reason: text })),
    note: () => 'It goes a level up, to the queue that takes over. Nobody has it then.',
  }),
  handBack: () => reasonOnly('Hand back', 'Hand back', (text) => ({ command: 'handBack', reason: text })),
  reopen: () => ({
    ...reasonOnly('Reopen', 'Reopen', (text) => ({ command: 'reopen', reason: text })),
    note: () => 'The clock starts again.',
  }),
  refuse: () => reasonOnly('Refuse', 'Refuse', (text) => ({ command: 'refuse', reason: text })),
  grant: () => ({
    title: 'Grant',
    send: 'Grant',
    fields: [note],
    note: () => 'What was asked is done at once, in the name of who asked.',
    command: (values) => ({ command: 'grant', note: noteOf(values) }),
  }),
}

/** The form of a verb; undefined for what needs no more than the verb. */
export const formOf = (verb: Verb, background: Background): Form | undefined =>
  hasForm(verb, background.detail, background.step) ? forms[verb]?.(background) : undefined

/** The command of a verb that needs nothing more. */
export const plainCommand = (verb: Verb, step = ''): Command =>
  verb === 'completeStep' ? { command: verb, step } : ({ command: verb } as Command)

const reasonOnly = (title: string, send: string, command: (reason: string) => Command): Form => ({
  title,
  send,
  fields: [reason],
  command: (values) => command(given(values, 'reason')),
})

function assignForm({ detail, me, people }: Background): Form {
  const others = people.filter(({ name, assignable }) => assignable && name !== detail.owner)
  const mineFirst = [...others].sort((a, b) => Number(b.name === me.name) - Number(a.name === me.name))
  const options = mineFirst.map(({ name, role }) => ({
    value: name,
    label: `${personWord(name)} · ${role}${name === me.name ? ' (you)' : ''}`,
  }))
  return {
    title: 'Assign',
    send: 'Assign',
    fields: [{ name: 'owner', label: 'To', kind: 'choice', options }],
    command: (values) => ({ command: 'assign', owner: given(values, 'owner') }),
  }
}

function waitForm({ detail, now }: Background): Form {
  const reasons = detail.workflow.choices.waitingReasons
  return {
    title: 'Wait',
    send: 'Wait',
    fields: [
      { name: 'reason', label: 'For', kind: 'choice', options: codes(reasons) },
      { name: 'until', label: 'Until, at the latest', kind: 'time', presets: waitPresets(now) },
      note,
    ],
    note: (values) => {
      const chosen = reasons.find(({ code }) => code === values.reason)
      if (!chosen) return undefined
      return chosen.stopsClock ? 'The clock stops meanwhile.' : 'The clock runs on meanwhile.'
    },
    command: (values) => {
      const until = new Date(given(values, 'until')).toISOString()
      return { command: 'wait', reason: given(values, 'reason'), until, note: noteOf(values) }
    },
  }
}

function resolveForm({ detail, demands }: Background): Form {
  const { resolutions, rootCauses } = detail.workflow.choices
  return {
    title: 'Resolve',
    send: 'Resolve',
    fields: [
      { name: 'resolution', label: 'Resolution', kind: 'choice', options: codes(resolutions) },
      { name: 'rootCause', label: 'Root cause', kind: 'choice', options: codes(rootCauses) },
      note,
    ],
    note: ({ resolution }) => {
      const chosen = resolutions.find(({ code }) => code === resolution)
      return chosen?.needsApproval ? demandLine(demands, { resolution: chosen.code }) : undefined
    },
    command: (values) => ({
      command: 'resolve',
      resolution: given(values, 'resolution'),
      rootCause: given(values, 'rootCause'),
      note: noteOf(values),
    }),
  }
}

function severityForm({ detail, demands }: Background): Form {
  const others = severities.filter((severity) => severity !== detail.severity)
  const options = others.map((severity) => ({ value: severity, label: severityWords[severity] }))
  return {
    title: `Change severity from ${severityWords[detail.severity]}`,
    send: 'Change',
    fields: [{ name: 'severity', label: 'To', kind: 'choice', options }, reason],
    note: ({ severity }) =>
      severity ? demandLine(demands, { from: detail.severity, to: severity as Severity }) : undefined,
    command: (values) => ({
      command: 'changeSeverity',
      severity: given(values, 'severity') as Severity,
      reason: given(values, 'reason'),
    }),
  }
}

function snoozeForm({ demands, now }: Background): Form {
  return {
    title: 'Snooze',
    send: 'Snooze',
    fields: [
      {
        name: 'until',
        label: 'Until the business day',
        kind: 'day',
        presets: snoozePresets(now),
        hint: 'It is offered to nobody before. The clock runs on.',
      },
      reason,
    ],
    note: ({ until }) => (until ? demandLine(demands, { days: daysUntil(until, now) }) : undefined),
    command: (values) => ({ command: 'snooze', until: given(values, 'until'), reason: given(values, 'reason') }),
  }
}

function moveForm({ detail }: Background): Form {
  const others = detail.workflow.choices.queues.filter(({ code }) => code !== detail.queue)
  return {
    title: 'Move to a queue',
    send: 'Move',
    fields: [{ name: 'queue', label: 'Queue', kind: 'choice', options: codes(others) }, reason],
    note: () => 'Nobody has it then.',
    command: (values) => ({ command: 'move', queue: given(values, 'queue'), reason: given(values, 'reason') }),
  }
}

const evidence = (detail: ExceptionDetail, step: string | undefined) =>
  detail.playbook?.steps.find(({ id }) => id === step)?.evidence ?? []

function stepForm({ detail, step = '' }: Background): Form {
  return {
    title: 'Step done',
    send: 'Done',
    fields: [{ name: 'note', label: 'Evidence', kind: 'text', hint: evidence(detail, step).join(' · ') }],
    command: (values) => ({ command: 'completeStep', step, note: noteOf(values) }),
  }
}

/** Whether the verb asks for anything on this exception. */
export const hasForm = (verb: Verb, detail: ExceptionDetail, step?: string) =>
  verb === 'completeStep' ? evidence(detail, step).length > 0 : forms[verb] !== undefined

/** What was said against each field, and what was said against the whole. */
export function faultsByField(error: unknown, form: Form): { byField: Record<string, string>; rest?: string } {
  if (!error) return { byField: {} }
  const faults = error instanceof Problem ? error.errors : []
  const named = faults.filter(({ pointer }) => form.fields.some(({ name }) => pointer === `/${name}`))
  const byField = Object.fromEntries(named.map(({ pointer, message }) => [pointer.slice(1), message]))
  const isSaid = faults.length > 0 && named.length === faults.length
  return isSaid ? { byField } : { byField, rest: problemText(error).detail }
}
