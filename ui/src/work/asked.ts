// A request for a second person, in words: what happens when it is granted.
import type { Approval, Command, Pending, Severity, Verb } from '../api/types'
import { hindrance, type Me } from '../components/people'
import { severityWords } from '../components/words'

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

/** The API names the command only as an object. */
export const commandOf = ({ change }: Pick<Pending, 'change'>) => change as unknown as Command

type Labels = Record<string, string>

/** What changes when it is granted. `severity` is that of the exception, as long as nobody has decided. */
export function askedChange(
  pending: Pick<Pending, 'change'>,
  severity: string | undefined,
  labels: Labels = {},
): AskedChange {
  const command = commandOf(pending)
  const word = (code: string) => labels[code] ?? codeWord(code)
  if (command.command === 'resolve')
    return { what: 'Status', before: 'Unresolved', after: `Resolved as ${word(command.resolution)}` }
  if (command.command === 'changeSeverity')
    return {
      what: 'Severity',
      before: severity && severityWords[severity as Severity],
      after: severityWords[command.severity],
    }
  if (command.command === 'snooze') return { what: 'Snoozed', before: 'no', after: `until ${command.until}` }
  return { what: 'Command', after: codeWord(command.command) }
}

/** What the requester wrote. */
export function askedNote(pending: Pick<Pending, 'change'>): string | undefined {
  const command = commandOf(pending)
  if ('note' in command && command.note) return command.note
  return 'reason' in command ? command.reason : undefined
}

export const exposureText = (exposure: number) =>
  exposure.toLocaleString('en-US', {
    minimumFractionDigits: Number.isInteger(exposure) ? 0 : 2,
    maximumFractionDigits: 2,
  })

/** Why this person cannot decide it so; nothing where they can. */
export function decideHindrance(verb: Verb, { requestedBy, approver }: Pick<Approval, 'requestedBy' | 'approver'>, me: Me) {
  if (verb === 'withdraw') return requestedBy === me.name ? undefined : 'Only who asked can take it back'
  if (requestedBy === me.name) return 'You asked for it yourself, so somebody else must decide'
  return hindrance(me.role, approver)
}

/** Whether it waits for this person. */
export const decidable = (request: Pick<Approval, 'requestedBy' | 'approver'>, me: Me) =>
  decideHindrance('grant', request, me) === undefined
