import { expect, it } from 'vitest'
import type { ExceptionDetail } from '../api/types'
import { changedMeanwhile, undoOf } from './told'

const me = { name: 'ana', role: 'operator' }
const before = { owner: null, queue: 'recs-us', workflow: { parent: 'W-1' } as ExceptionDetail['workflow'] }
const owned = { ...before, owner: 'bo' }

it.each([
  [{ command: 'claim' }, before, { command: 'release' }],
  [{ command: 'claim' }, owned, { command: 'assign', owner: 'bo' }],
  [{ command: 'assign', owner: 'cy' }, owned, { command: 'assign', owner: 'bo' }],
  [{ command: 'wait', reason: 'CLIENT', until: '2026-11-24T09:00:00Z' }, before, { command: 'resume' }],
  [{ command: 'snooze', until: '2026-11-24', reason: 'x' }, before, { command: 'wake' }],
  [{ command: 'link', parent: 'W-2' }, before, { command: 'unlink' }],
  [{ command: 'unlink' }, before, { command: 'link', parent: 'W-1' }],
  [{ command: 'move', queue: 'ops', reason: 'x' }, before, { command: 'move', queue: 'recs-us', reason: 'Moved back' }],
] as const)('%o is taken back', (command, was, back) => expect(undoOf(command, was, 'done')).toEqual(back))

it('knows no way back from a decision', () => {
  const resolve = { command: 'resolve', resolution: 'BOOKED', rootCause: 'X' } as const
  for (const command of [resolve, { command: 'escalate', reason: 'x' }, { command: 'grant' }] as const)
    expect(undoOf(command, before, 'done')).toBeUndefined()
})

it('takes a request back by withdrawing it', () => {
  const resolve = { command: 'resolve', resolution: 'WRITTEN_OFF', rootCause: 'X' } as const
  expect(undoOf(resolve, before, 'approvalRequested')).toEqual({ command: 'withdraw' })
})

it('says what changed meanwhile', () => {
  const seen = { status: 'OPEN', severity: 'HIGH', queueLabel: 'Recs', owner: null, dueAt: 'x' } as ExceptionDetail
  const now = { ...seen, status: 'IN_PROGRESS', owner: 'bo' } as ExceptionDetail
  expect(changedMeanwhile(seen, now, me)).toBe('status Open → In progress, owner nobody → bo')
  expect(changedMeanwhile(seen, seen, me)).toBe('a step, a request or a link')
})
