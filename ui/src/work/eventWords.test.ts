import { expect, it } from 'vitest'
import type { ExceptionDetail } from '../api/types'
import { namesOf } from '../components/people'
import { eventLine } from './eventWords'

const world = {
  me: { name: 'Ana', id: 'ana', role: 'operator' },
  names: namesOf([{ memberId: 'bo-lee', name: 'Bo Lee', role: 'operator', assignable: true }]),
  now: Date.parse('2026-11-23T12:00:00Z'),
  choices: {
    resolutions: [{ code: 'WRITTEN_OFF', label: 'Written off with approval', needsApproval: true }],
    rootCauses: [{ code: 'FX_RATE', label: 'Other rate' }],
    waitingReasons: [{ code: 'CLIENT', label: 'Client', stopsClock: false }],
    queues: [],
  } as ExceptionDetail['workflow']['choices'],
}
const line = (kind: string, data: object = {}) =>
  eventLine({ kind, data: JSON.stringify(data) as never, summary: `summary of ${kind}` }, world)

/** Every kind that an exception has. */
const kinds = [
  ...['claimed', 'assigned', 'released', 'handed_back', 'waiting', 'resumed', 'wait_ended', 'escalated', 'moved'],
  ...['severity_changed', 'commented', 'step_completed', 'step_skipped', 'resolved', 'reopened', 'linked', 'unlinked'],
  ...['approval_requested', 'approval_granted', 'approval_refused', 'approval_withdrawn', 'approval_voided'],
  ...[
    'revised',
    'recurred',
    'viewed',
    'approval_expired',
    'snoozed',
    'woken',
    'respond_breached',
    'breach_imminent',
    'breached',
  ],
]

it.each(kinds)('%s is told in words', (kind) => {
  expect(line(kind).text).not.toContain('summary of')
  expect(line(kind).text).not.toContain('_')
})

it('leaves what it does not know to the words of the server', () => {
  expect(line('received')).toEqual({ text: 'summary of received', changes: [] })
})

it('shows of a revision what was sent anew and what changed by it', () => {
  const side = (severity: string) => ({ standing: { severity, status: 'OPEN' }, evidence: 'aa' })
  const data = { changed: ['/rawPayload/amount', '/title'], before: side('LOW'), after: side('HIGH') }
  const { text, changes } = line('revised', data)
  expect(text).toBe('Revised by its source: amount, title')
  expect(changes).toEqual(['severity Low → High'])
})

it('shows what changed, before and after', () => {
  const data = { before: { status: 'OPEN', owner: null }, after: { status: 'IN_PROGRESS', owner: 'ana' } }
  expect(line('claimed', data).changes).toEqual(['status Open → In progress', 'owner nobody → you'])
})

it('names members, of whom the data have ids', () => {
  expect(line('assigned', { owner: 'bo-lee' }).text).toBe('Assigned to Bo Lee')
  expect(line('released', { before: { owner: 'bo-lee' }, after: { owner: null } }).changes).toEqual([
    'owner Bo Lee → nobody',
  ])
})

it('says what a source reports that waits for a second person', () => {
  expect(line('approval_requested', { change: { report: 'cleared' } }).text).toBe(
    'Source reports cleared: Status → Resolved as cleared by its source',
  )
  expect(line('approval_requested', { change: { report: 'lowered', severity: 'LOW' } }).text).toBe(
    'Source reports lowered: Severity → Low',
  )
})

it('says codes in the words of the pack', () => {
  expect(line('resolved', { resolution: 'WRITTEN_OFF', rootCause: 'FX_RATE' }).text).toBe(
    'Resolved as Written off with approval, because of: Other rate',
  )
  expect(line('waiting', { reason: 'CLIENT', until: 'soon' }).text).toBe('Waits for Client until soon')
})

it('shows what was said, but no codes as if they were', () => {
  expect(line('escalated', { reason: 'Nobody answers' }).said).toBe('Nobody answers')
  expect(line('waiting', { reason: 'CLIENT', until: 'x' }).said).toBeUndefined()
  expect(line('commented', { text: '**Hm**' })).toMatchObject({ said: '**Hm**', isMarkdown: true })
})

it('says what was asked for, with the words of who asked', () => {
  const asked = { command: 'changeSeverity', severity: 'LOW', reason: 'Known charge' }
  expect(line('approval_requested', { change: asked, because: 'Two decide.' })).toMatchObject({
    text: 'Asked for a second person: Severity → Low',
    said: 'Known charge',
  })
})
