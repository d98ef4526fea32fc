// Bulk runs in words for people, and who may decide about one.
import { searchOf, type BulkRun, type Decision, type Outcome } from '../../api/bulk'
import type { Code, Codes } from '../../api/codes'
import { listKeys, textKeys } from '../../api/filter'
import type { Pack, Session, Severity } from '../../api/types'
import { filterWords, severityWords, valueWord } from '../../components/words'
import { dayOf, localZone, timeIn } from '../../ui/time'
import { hindrance } from '../../components/people'

const states: Record<string, string> = {
  PREVIEW: 'Preview',
  PENDING: 'Waits for a second person',
  RUNNING: 'Running',
  DONE: 'Done',
  DISCARDED: 'Given up',
}
export const stateWord = (state: string) => states[state] ?? state

export const outcomeWords: Record<Outcome, string> = {
  DONE: 'Changed',
  APPROVAL_REQUESTED: 'Wait for a second person',
  REFUSED: 'Refused',
}

export const number = (count: number) => count.toLocaleString('en-US')
export const exceptions = (count: number) => `${number(count)} ${count === 1 ? 'exception' : 'exceptions'}`

export const nameOf = (session: Session) => session.name ?? ''
export const personWord = (name: string, me: string) => (name === me ? 'you' : name)

/** Where the labels of codes come from; what is not there yet stays a code. */
export interface Labels {
  pack?: Pack
  codes?: Codes
}

/** A command as it was sent, in words: `Resolve as Duplicate, because of Late instruction`. */
export function commandWords(command: unknown, { pack, codes }: Labels): string {
  const sent = (command ?? {}) as Record<string, string | null | undefined>
  const verb = sent.command ?? ''
  const because = sent.reason ? `: ${sent.reason}` : ''
  const kinds = Object.values(codes?.types ?? {})
  switch (verb) {
    case 'claim':
      return 'Claim'
    case 'release':
      return 'Release'
    case 'assign':
      return `Assign to ${sent.owner ?? ''}`
    case 'wait':
      return `Wait for ${label(codes?.waiting, sent.reason)} until ${timeIn(localZone(), sent.until ?? '') ?? sent.until ?? ''}`
    case 'escalate':
      return `Escalate${because}`
    case 'changeSeverity':
      return `Change severity to ${severityWords[sent.severity as Severity] ?? sent.severity}${because}`
    case 'move':
      return `Move to ${valueWord(pack, 'queue', sent.queue ?? '')}${because}`
    case 'resolve': {
      const how = kinds.flatMap(({ resolutions }) => resolutions)
      const why = kinds.flatMap(({ rootCauses }) => rootCauses)
      return `Resolve as ${label(how, sent.resolution)}, because of ${label(why, sent.rootCause)}`
    }
    case 'snooze':
      return `Snooze until ${dayOf(`${sent.until ?? ''}T12:00:00`)}${because}`
    case 'comment':
      return `Comment: ${sent.text ?? ''}`
    default:
      return verb
  }
}

const label = (codes: Code[] | undefined, code: string | null | undefined) =>
  codes?.find((known) => known.code === code)?.label ?? code ?? ''

/** What selected the exceptions: `Severity High · Queue Cash`. */
export function filterLine(filter: string, pack: Pack | undefined): string {
  const search = searchOf(filter)
  const named = [...listKeys, ...textKeys].flatMap((key) => {
    const values = [search[key] ?? []].flat()
    return values.length > 0 ? [`${filterWords[key]} ${values.map((one) => valueWord(pack, key, one)).join(', ')}`] : []
  })
  const fields = Object.entries(search.fields ?? {}).map(([name, values]) => `${name} ${values.join(', ')}`)
  return [...named, ...fields].join(' · ') || 'All exceptions'
}

/** What became of a run: `39 changed, 1 refused`. */
export function outcomeLine({ done, approvalsRequested, refused }: Pick<BulkRun, 'done' | 'approvalsRequested' | 'refused'>): string {
  const parts = [
    `${number(done)} changed`,
    approvalsRequested > 0 ? `${number(approvalsRequested)} wait for a second person` : '',
    refused > 0 ? `${number(refused)} refused` : '',
  ]
  return parts.filter(Boolean).join(', ')
}

export interface Choice {
  decision: Decision
  /** Why this person cannot. */
  weak: string | undefined
}

/** What can be decided about a run, and by this person or not. */
export function choicesOf(run: BulkRun, session: Session): Choice[] {
  const mine = run.createdBy === nameOf(session)
  const supervisor = hindrance(session.role, 'supervisor')
  const discard: Choice = { decision: 'discard', weak: mine ? hindrance(session.role, 'operator') : supervisor }
  if (run.state === 'PENDING') return mine ? [discard] : [{ decision: 'grant', weak: supervisor }, discard]
  if (run.state !== 'PREVIEW') return []
  return mine ? [{ decision: 'commit', weak: hindrance(session.role, 'operator') }, discard] : [discard]
}
