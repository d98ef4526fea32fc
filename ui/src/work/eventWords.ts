// What happened, in words: one line per event, what changed by it, and what somebody wrote.
import type { ExceptionDetail, ExceptionEvent, Pack } from '../api/types'
import { readable } from '../api/verbatim'
import { memberWord, type Me, type Names } from '../components/people'
import { severityWords, statusWords, valueWord } from '../components/words'
import { dayAndTime } from '../ui/time'
import { askedChange, codeWord, reportLine } from './asked'

export interface EventLine {
  text: string
  /** What changed, each as `name before → after`. */
  changes: string[]
  /** What somebody wrote. */
  said?: string
  /** Whether that is Markdown. */
  isMarkdown?: boolean
}

export interface EventWorld {
  me: Me
  names: Names
  now: number
  pack?: Pack
  choices?: ExceptionDetail['workflow']['choices']
  playbook?: ExceptionDetail['playbook']
}

type Data = Record<string, unknown>
type Told = (data: Data, world: EventWorld) => string

const text = (data: Data, name: string) => (typeof data[name] === 'string' ? data[name] : '')
const label = (list: readonly { code: string; label: string }[] | undefined, code: string) =>
  list?.find((known) => known.code === code)?.label ?? codeWord(code)
const stepTitle = ({ playbook }: EventWorld, id: string) => playbook?.steps.find((step) => step.id === id)?.title ?? id
const moment = (data: Data, name: string, now: number) => {
  const at = text(data, name)
  return Number.isNaN(Date.parse(at)) ? at : dayAndTime(at, now)
}

/** Every kind of event the work knows. */
const told: Record<string, Told | undefined> = {
  revised: (data) => `Revised by its source: ${members(data.changed)}`,
  recurred: (data) => `Came again as ${text(data, 'by')}`,
  viewed: () => 'Personal data viewed',
  claimed: () => 'Claimed',
  assigned: (data, { me, names }) => `Assigned to ${memberWord(text(data, 'owner'), names, me)}`,
  released: () => 'Released',
  handed_back: () => 'Handed back',
  waiting: (data, { choices, now }) =>
    `Waits for ${label(choices?.waitingReasons, text(data, 'reason'))} until ${moment(data, 'until', now)}`,
  resumed: () => 'Resumed',
  wait_ended: () => 'The wait ended without an answer',
  escalated: () => 'Escalated',
  severity_changed: () => 'Severity changed',
  moved: () => 'Moved',
  commented: () => 'Commented',
  step_completed: (data, world) => `Step done: ${stepTitle(world, text(data, 'step'))}`,
  step_skipped: (data, world) => `Step skipped: ${stepTitle(world, text(data, 'step'))}`,
  approval_requested: (data, { choices }) => askedText(data, choices),
  approval_granted: () => 'Granted',
  approval_refused: () => 'Refused',
  approval_withdrawn: () => 'Request withdrawn',
  approval_voided: () => 'Request void: the exception has changed',
  approval_expired: () => 'Request expired: nobody decided in time',
  resolved: (data, { choices }) =>
    `Resolved as ${label(choices?.resolutions, text(data, 'resolution'))}` +
    (text(data, 'rootCause') ? `, because of: ${label(choices?.rootCauses, text(data, 'rootCause'))}` : ''),
  reopened: () => 'Reopened',
  linked: (data) => `Linked to ${text(data, 'parent')}`,
  unlinked: () => 'Unlinked',
  snoozed: (data) => `Snoozed until ${text(data, 'until')}`,
  woken: () => 'Woken',
  respond_breached: () => 'Nobody took it in time',
  breach_imminent: () => 'Due soon',
  breached: () => 'Late: it was not resolved in time',
}

/** The last steps of pointers such as `/rawPayload/amount`. */
const members = (pointers: unknown) =>
  (Array.isArray(pointers) ? pointers : []).map((pointer) => String(pointer).split('/').at(-1) ?? '').join(', ')

function askedText(data: Data, choices: EventWorld['choices']): string {
  const labels = Object.fromEntries((choices?.resolutions ?? []).map(({ code, label: word }) => [code, word]))
  if (!data.change) return 'Asked for a second person'
  const pending = { change: data.change as Record<string, never> }
  const { what, after } = askedChange(pending, undefined, labels)
  return `${reportLine(pending) ?? 'Asked for a second person'}: ${what} → ${after}`
}

export function eventLine(event: Pick<ExceptionEvent, 'kind' | 'data' | 'summary'>, world: EventWorld): EventLine {
  const data = readable(event.data)
  const words = told[event.kind]
  // What the desk does not know, the server says in its own words.
  if (!words) return { text: event.summary, changes: [] }
  const isComment = event.kind === 'commented'
  return {
    text: words(data, world),
    changes: changes(data, world),
    said: saidIn(event.kind, data),
    isMarkdown: isComment || undefined,
  }
}

/** The note or the reason; the reason of waiting is a code and part of the line, as is what was asked. */
function saidIn(kind: string, data: Data): string | undefined {
  if (kind === 'commented') return text(data, 'text') || undefined
  const asked = kind === 'approval_requested' ? (data.change as Data | undefined) : undefined
  const from = asked ?? data
  return text(from, 'note') || (kind === 'waiting' ? '' : text(from, 'reason')) || undefined
}

type Facts = Record<string, unknown>

/** Facts that people follow, in this order; others stay in the details of the event. */
const facts: { name: string; word: string; say: (value: unknown, world: EventWorld) => string }[] = [
  { name: 'status', word: 'status', say: (value) => statusWords[value as keyof typeof statusWords] ?? String(value) },
  {
    name: 'severity',
    word: 'severity',
    say: (value) => severityWords[value as keyof typeof severityWords] ?? String(value),
  },
  { name: 'queue', word: 'queue', say: (value, { pack }) => valueWord(pack, 'queue', String(value)) },
  {
    name: 'owner',
    word: 'owner',
    say: (value, { me, names }) => (value ? memberWord(String(value), names, me) : 'nobody'),
  },
  { name: 'dueAt', word: 'due', say: (value, { now }) => dayAndTime(String(value), now) },
  { name: 'escalation', word: 'level', say: (value) => String(value ?? 0) },
]

/** One side of a change; a revision has the state beside what was sent. */
function side(value: unknown): Facts {
  const facts = (value ?? {}) as Facts
  return (facts.standing ?? facts) as Facts
}

function changes(data: Data, world: EventWorld): string[] {
  const [before, after] = [side(data.before), side(data.after)]
  return facts
    .filter(({ name }) => (name in before || name in after) && before[name] !== after[name])
    .map(({ name, word, say }) => `${word} ${say(before[name], world)} → ${say(after[name], world)}`)
}
