// What one person can do about one exception now: the verbs of its status, less those that would be refused anyway.
import { hindrance, personWord, type Me } from '../components/people'
import type { ExceptionDetail, Verb } from '../api/types'
import { statusWords } from '../components/words'
import { decideHindrance } from './asked'

export interface Action {
  verb: Verb
  label: string
  /** The key that does it on the desk. */
  key?: string
  /** Why this person cannot. */
  hindrance?: string
}

export interface Actions {
  /** The usual one first. */
  row: Action[]
  more: Action[]
}

type Case = Pick<ExceptionDetail, 'owner' | 'status' | 'workflow'>

const labels: Partial<Record<Verb, string>> = {
  claim: 'Claim',
  start: 'Start',
  resolve: 'Resolve',
  assign: 'Assign',
  wait: 'Wait',
  resume: 'Resume',
  escalate: 'Escalate',
  comment: 'Comment',
  reopen: 'Reopen',
  release: 'Release',
  handBack: 'Hand back',
  changeSeverity: 'Change severity',
  move: 'Move to a queue',
  snooze: 'Snooze',
  wake: 'Wake',
  link: 'Link to a whole',
  unlink: 'Unlink from the whole',
  grant: 'Grant',
  refuse: 'Refuse',
  withdraw: 'Withdraw',
}

/** Keys of the desk; the first verb that the exception knows is meant. */
export const verbsOfKey: Record<string, Verb[]> = {
  c: ['claim', 'start'],
  a: ['assign'],
  w: ['wait', 'resume'],
  e: ['escalate'],
  r: ['resolve', 'reopen'],
  m: ['comment'],
}
const keyOf = (verb: Verb) => Object.entries(verbsOfKey).find(([, verbs]) => verbs.includes(verb))?.[0]

const rowVerbs: Verb[] = ['resume', 'start', 'claim', 'resolve', 'reopen', 'assign', 'wait', 'escalate', 'comment']
const moreVerbs: Verb[] = ['release', 'handBack', 'changeSeverity', 'move', 'snooze', 'wake', 'link', 'unlink']

/** Verbs on what belongs to somebody else, which only supervisors may. */
const ofOwner = new Set<Verb>([
  ...(['claim', 'start', 'assign', 'release', 'handBack', 'wait', 'resume', 'resolve'] as const),
  ...(['completeStep', 'skipStep', 'snooze', 'wake'] as const),
])

export function actionsOf(exception: Case, me: Me): Actions {
  const known = (verb: Verb) => exception.workflow.allowed.includes(verb) && fits(verb, exception, me)
  const action = (verb: Verb): Action => ({
    verb,
    label: verb === 'claim' && exception.owner ? 'Take over' : (labels[verb] ?? verb),
    key: keyOf(verb),
    hindrance: whyNot(verb, exception, me),
  })
  const row = rowVerbs.filter(known)
  // What nobody has is claimed first; with somebody's own in hand that is the exception.
  if (!exception.owner) row.sort((a, b) => Number(b === 'claim') - Number(a === 'claim'))
  return { row: row.map(action), more: moreVerbs.filter(known).map(action) }
}

/** The action of a key, if the exception knows it. */
export function actionOfKey(key: string, exception: Case, me: Me): Action | undefined {
  const { row } = actionsOf(exception, me)
  return row.find(({ verb }) => verbsOfKey[key]?.includes(verb))
}

/** Whether the verb would change anything. */
function fits(verb: Verb, { owner, status, workflow }: Case, me: Me): boolean {
  if (verb === 'claim') return owner !== me.name
  if (verb === 'start') return owner === me.name && status === 'OPEN'
  if (verb === 'release') return owner !== null
  if (verb === 'handBack') return workflow.previousQueue !== null
  if (verb === 'wake') return workflow.snoozedUntil !== null
  if (verb === 'link') return workflow.parent === null
  if (verb === 'unlink') return workflow.parent !== null
  return true
}

/** Why this person cannot; the server has the last word. */
export function whyNot(verb: Verb, { owner, workflow }: Case, me: Me): string | undefined {
  const weak = hindrance(me.role, verb === 'move' ? 'supervisor' : 'operator')
  if (weak) return weak
  if (ofOwner.has(verb) && owner && owner !== me.name && hindrance(me.role, 'supervisor'))
    return `${personWord(owner)} works on it: ask them, or a supervisor`
  const decides = verb === 'grant' || verb === 'refuse' || verb === 'withdraw'
  return workflow.pending && decides ? decideHindrance(verb, workflow.pending, me) : undefined
}

/** Why a key does nothing here, and what can be done instead. */
export function noActionLine(key: string, exception: Case, me: Me): string {
  if (key === 'c' && exception.owner === me.name) return 'It is yours already.'
  const { row } = actionsOf(exception, me)
  const possible = row.filter((action) => !action.hindrance).map(({ label }) => label.toLowerCase())
  return `Not now: its status is ${statusWords[exception.status]}. What can be done: ${possible.join(', ') || 'nothing'}.`
}
