// What a command did, for the message after it, and the command that takes it back.
import { personWord, type Me } from '../components/people'
import { severityWords, statusWords } from '../components/words'
import type { Command, Commanded, ExceptionDetail } from '../api/types'
import { dayAndTime } from '../ui/time'

const words: Partial<Record<Command['command'], string>> = {
  claim: 'Claimed: it is yours',
  start: 'Started',
  release: 'Released: nobody has it now',
  resume: 'Resumed',
  comment: 'Comment added',
  completeStep: 'Step done',
  skipStep: 'Step skipped',
  reopen: 'Reopened',
  link: 'Linked',
  unlink: 'Unlinked',
  wake: 'Woken',
  grant: 'Granted',
  refuse: 'Refused',
  withdraw: 'Request withdrawn',
}

/** What was done, in a sentence. */
export function toldLine(command: Command, { outcome, exception }: Commanded, me: Me, now: number): string {
  const { workflow: work } = exception
  if (outcome === 'approvalRequested') {
    const until = work.pending ? `; the request stands until ${dayAndTime(work.pending.expiresAt, now)}` : ''
    return `A second person has to allow this. They are asked${until}`
  }
  if (command.command === 'assign') return `Assigned to ${personWord(command.owner, me)}`
  if (command.command === 'escalate') return `Escalated: nobody has it now, it is in ${exception.queueLabel}`
  if (command.command === 'move') return `Moved to ${exception.queueLabel}`
  if (command.command === 'handBack') return `Handed back to ${exception.queueLabel}`
  if (command.command === 'changeSeverity') return `Severity is ${severityWords[command.severity]} now`
  if (command.command === 'wait' && work.waiting)
    return `Waiting for ${work.waiting.label} until ${dayAndTime(work.waiting.until, now)}`
  if (command.command === 'snooze' && work.snoozedUntil) return `Snoozed until ${dayAndTime(work.snoozedUntil, now)}`
  if (command.command === 'resolve') {
    const code = work.choices.resolutions.find((known) => known.code === command.resolution)
    return `Resolved: ${code?.label ?? command.resolution}`
  }
  return words[command.command] ?? 'Done'
}

/** What takes it back; nothing where only another decision could. */
export function undoOf(
  command: Command,
  before: Pick<ExceptionDetail, 'owner' | 'queue' | 'workflow'>,
  outcome: Commanded['outcome'],
): Command | undefined {
  if (outcome === 'approvalRequested') return { command: 'withdraw' }
  const { owner, queue, workflow } = before
  switch (command.command) {
    case 'claim':
    case 'assign':
      return owner ? { command: 'assign', owner } : { command: 'release' }
    case 'wait':
      return { command: 'resume' }
    case 'snooze':
      return { command: 'wake' }
    case 'link':
      return { command: 'unlink' }
    case 'unlink':
      return workflow.parent ? { command: 'link', parent: workflow.parent } : undefined
    case 'move':
      return { command: 'move', queue, reason: 'Moved back' }
    default:
      return undefined
  }
}

/** What is not as it was, by name: for whoever decided on what they saw. */
export function changedMeanwhile(before: ExceptionDetail, now: ExceptionDetail, me: Me): string {
  const facts = (detail: ExceptionDetail) => [
    ['status', statusWords[detail.status]],
    ['severity', severityWords[detail.severity]],
    ['queue', detail.queueLabel],
    ['owner', detail.owner ? personWord(detail.owner, me) : 'nobody'],
    ['due', detail.dueAt],
  ]
  const then = facts(before)
  const changes = facts(now).flatMap(([name, value], at) => {
    const old = then[at]?.[1]
    return old === value ? [] : [`${name ?? ''} ${old ?? ''} → ${value ?? ''}`]
  })
  return changes.length > 0 ? changes.join(', ') : 'a step, a request or a link'
}
