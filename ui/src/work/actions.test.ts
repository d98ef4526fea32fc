import { expect, it } from 'vitest'
import type { ExceptionDetail } from '../api/types'
import { actionOfKey, actionsOf, noActionLine, whyNot } from './actions'

const ana = { name: 'ana', role: 'operator' }
const boss = { name: 'boss', role: 'supervisor' }
const verbs = {
  OPEN: ['claim', 'start', 'assign', 'release', 'handBack', 'escalate', 'move', 'resolve', 'snooze', 'wake', 'comment'],
  IN_PROGRESS: ['claim', 'assign', 'release', 'handBack', 'wait', 'escalate', 'move', 'resolve', 'comment', 'link'],
  WAITING: ['claim', 'assign', 'release', 'resume', 'escalate', 'resolve', 'comment', 'unlink'],
  PENDING_APPROVAL: ['grant', 'refuse', 'withdraw', 'assign', 'escalate', 'move', 'comment'],
  RESOLVED: ['reopen', 'comment'],
}

function exception(status: keyof typeof verbs, owner: string | null, work: Partial<ExceptionDetail['workflow']> = {}) {
  const none = { previousQueue: null, snoozedUntil: null, parent: null, pending: null, waiting: null }
  return { status, owner, workflow: { ...none, allowed: verbs[status], ...work } as ExceptionDetail['workflow'] }
}
const first = (...given: Parameters<typeof exception>) => actionsOf(exception(...given), ana).row[0]?.verb

it('begins with the usual: claim, start, resolve, resume, reopen', () => {
  expect(first('OPEN', null)).toBe('claim')
  expect(first('OPEN', 'ana')).toBe('start')
  expect(first('IN_PROGRESS', 'ana')).toBe('resolve')
  expect(first('WAITING', 'ana')).toBe('resume')
  expect(first('RESOLVED', null)).toBe('reopen')
})

it('offers nothing that would change nothing', () => {
  const { row, more } = actionsOf(exception('OPEN', null), ana)
  const offered = [...row, ...more].map(({ verb }) => verb)
  for (const verb of ['start', 'release', 'handBack', 'wake', 'unlink']) expect(offered).not.toContain(verb)
})

it("leaves what is somebody else's to them and to supervisors", () => {
  const theirs = exception('IN_PROGRESS', 'bo')
  expect(whyNot('resolve', theirs, ana)).toBe('bo works on it: ask them, or a supervisor')
  expect(whyNot('resolve', theirs, boss)).toBeUndefined()
  expect(whyNot('comment', theirs, ana)).toBeUndefined()
  expect(actionsOf(theirs, boss).row.find(({ verb }) => verb === 'claim')?.label).toBe('Take over')
})

it('lets supervisors move, and viewers nothing', () => {
  const open = exception('OPEN', null)
  expect(whyNot('move', open, ana)).toContain('supervisor')
  expect(whyNot('move', open, boss)).toBeUndefined()
  expect(whyNot('comment', open, { name: 'eve', role: 'viewer' })).toContain('operator')
})

it('lets nobody decide what they asked for', () => {
  const pending = { requestedBy: 'boss', approver: 'supervisor' } as ExceptionDetail['workflow']['pending']
  const asked = exception('PENDING_APPROVAL', 'boss', { pending })
  expect(whyNot('grant', asked, boss)).toContain('somebody else must decide')
  expect(whyNot('grant', asked, { name: 'chief', role: 'supervisor' })).toBeUndefined()
  expect(whyNot('refuse', asked, ana)).toContain('Needs the role supervisor')
  expect(whyNot('withdraw', asked, boss)).toBeUndefined()
  expect(whyNot('withdraw', asked, ana)).toBe('Only who asked can take it back')
})

it('knows which verb of a key is meant, and says what else can be done', () => {
  expect(actionOfKey('w', exception('IN_PROGRESS', 'ana'), ana)?.verb).toBe('wait')
  expect(actionOfKey('w', exception('WAITING', 'ana'), ana)?.verb).toBe('resume')
  expect(actionOfKey('w', exception('OPEN', null), ana)).toBeUndefined()
  expect(noActionLine('w', exception('OPEN', null), ana)).toBe(
    'Not now: its status is Open. What can be done: claim, resolve, assign, escalate, comment.',
  )
  expect(noActionLine('c', exception('IN_PROGRESS', 'ana'), ana)).toBe('It is yours already.')
})
