// A request for a second person, in words: what happens when it is granted.
import type { Approval, Command, Pending, Severity, Verb } from '../api/types'
import { textOf } from '../api/verbatim'
import { hindrance, type Me } from '../components/people'
import { severityWords } from '../components/words'
import { amountText } from '../ui/json'

export interface AskedChange {
  what: string
  before?: string
  after: string
}

/** `WRITTEN_OFF` as `Written off`, where only the code is known. */
export const codeWord = (code: string) => {
  const words = code.replaceAll('_', ' ').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What a source system reports about an exception of its own. */
export type Report = { report: 'cleared' } | { report: 'lowered'; severity: Severity }

/** The API names what was asked for only as an object. */
const askedOf = ({ change }: Pick<Pending, 'change'>) => change as unknown as Command | Report

/** What its source reports, where the request is about that and not about a command of somebody. */
export function reportLine(pending: Pick<Pending, 'change'>): string | undefined {
  const asked = askedOf(pending)
  return 'report' in asked ? `Source reports ${asked.report}` : undefined
}

type Labels = Record<string, string>

/** What changes when it is granted. `severity` is that of the exception, as long as nobody has decided. */
export function askedChange(
  pending: Pick<Pending, 'change'>,
  severity: string | undefined,
  labels: Labels = {},
): AskedChange {
  const command = askedOf(pending)
  const severityChange = (to: Severity) => ({
    what: 'Severity',
    before: severity && severityWords[severity as Severity],
    after: severityWords[to],
  })
  if ('report' in command)
    return command.report === 'lowered'
      ? severityChange(command.severity)
      : { what: 'Status', before: 'Unresolved', after: 'Resolved as cleared by its source' }
  const word = (code: string) => labels[code] ?? codeWord(code)
  if (command.command === 'resolve')
    return { what: 'Status', before: 'Unresolved', after: `Resolved as ${word(command.resolution)}` }
  if (command.command === 'changeSeverity') return severityChange(command.severity)
  if (command.command === 'snooze') return { what: 'Snoozed', before: 'no', after: `until ${command.until}` }
  return { what: 'Command', after: codeWord(command.command) }
}

/** What the requester wrote. */
export function askedNote(pending: Pick<Pending, 'change'>): string | undefined {
  const command = askedOf(pending)
  if ('note' in command && command.note) return command.note
  return 'reason' in command ? command.reason : undefined
}

export const exposureText = (exposure: Pending['exposure']) => amountText(textOf(exposure))

/** Why this person cannot decide it so; nothing where they can. */
export function decideHindrance(verb: Verb, { requestedBy, approver }: Pick<Approval, 'requestedBy' | 'approver'>, me: Me) {
  if (verb === 'withdraw') return requestedBy === me.name ? undefined : 'Only who asked can take it back'
  if (requestedBy === me.name) return 'You asked for it yourself, so somebody else must decide'
  return hindrance(me.role, approver)
}

/** Whether it waits for this person. */
export const decidable = (request: Pick<Approval, 'requestedBy' | 'approver'>, me: Me) =>
  decideHindrance('grant', request, me) === undefined
