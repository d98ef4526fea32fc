import { expect, it } from 'vitest'
import type { BulkRun } from '../../api/bulk'
import type { Session } from '../../api/types'
import { choicesOf, commandWords, filterLine, outcomeLine } from './words'

const codes = {
  types: {
    CASH_BREAK: { resolutions: [{ code: 'BOOKED', label: 'Booked' }], rootCauses: [{ code: 'FX', label: 'FX rate' }] },
  },
  waiting: [{ code: 'CLIENT', label: 'Client' }],
}

it.each([
  [{ command: 'claim' }, 'Claim'],
  [{ command: 'assign', owner: 'ann' }, 'Assign to ann'],
  [{ command: 'resolve', resolution: 'BOOKED', rootCause: 'FX', note: null }, 'Resolve as Booked, because of FX rate'],
  [{ command: 'resolve', resolution: 'GONE', rootCause: 'X' }, 'Resolve as GONE, because of X'],
  [{ command: 'changeSeverity', severity: 'LOW', reason: 'noise' }, 'Change severity to Low: noise'],
  [{ command: 'move', queue: 'cash', reason: 'theirs' }, 'Move to cash: theirs'],
  [{ command: 'snooze', until: '2026-12-01', reason: 'holiday' }, 'Snooze until Tue 1 Dec: holiday'],
  [{ command: 'wait', reason: 'CLIENT', until: 'soon' }, 'Wait for Client until soon'],
  [{ command: 'comment', text: 'seen' }, 'Comment: seen'],
  [{ command: 'unlink' }, 'unlink'],
  [null, ''],
])('says %j as %s', (command, words) => {
  // Whether a comma follows the weekday is the runtime's to say.
  expect(commandWords(command, { codes }).replace('Tue,', 'Tue')).toBe(words)
})

it('says what a filter selects', () => {
  expect(filterLine('severity=HIGH,LOW&field.isin=US17', undefined)).toBe('Severity High, Low · isin US17')
  expect(filterLine('', undefined)).toBe('All exceptions')
})

it('says what became of a run', () => {
  expect(outcomeLine({ done: 1200, approvalsRequested: 0, refused: 1 })).toBe('1,200 changed, 1 refused')
  expect(outcomeLine({ done: 0, approvalsRequested: 3, refused: 0 })).toBe('0 changed, 3 wait for a second person')
})

it('lets whoever asked commit and give up, and only another supervisor grant', () => {
  const run = (state: string) => ({ state, createdBy: 'ann' }) as BulkRun
  const session = (name: string, role: string) => ({ name, role }) as Session
  const may = (state: string, name: string, role: string) =>
    choicesOf(run(state), session(name, role)).map(({ decision, weak }) => (weak ? `not ${decision}` : decision))
  expect(may('PREVIEW', 'ann', 'operator')).toEqual(['commit', 'discard'])
  expect(may('PREVIEW', 'bob', 'operator')).toEqual(['not discard'])
  expect(may('PENDING', 'ann', 'supervisor')).toEqual(['discard'])
  expect(may('PENDING', 'bob', 'operator')).toEqual(['not grant', 'not discard'])
  expect(may('PENDING', 'bob', 'supervisor')).toEqual(['grant', 'discard'])
  for (const state of ['RUNNING', 'DONE', 'DISCARDED']) expect(may(state, 'ann', 'admin')).toEqual([])
})
