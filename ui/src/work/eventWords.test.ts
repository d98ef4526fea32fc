import { expect, it } from 'vitest'
import type { ExceptionDetail } from '../api/types'
import { eventLine } from './eventWords'

const world = {
  me: { name: 'ana', role: 'operator' },
  now: Date.parse('2026-11-23T12:00:00Z'),
  choices: {
    resolutions: [{ code: 'WRITTEN_OFF', label: 'Written off with approval', needsApproval: true }],
    rootCauses: [{ code: 'FX_RATE', label: 'Other rate' }],
    waitingReasons: [{ code: 'CLIENT', label: 'Client', stopsClock: false }],
    queues: [],
  } as ExceptionDetail['workflow']['choices'],
}
const line = (kind: string, data: object = {}) =>
  eventLine({ kind, data: data as Record<string, never>, summary: `summary of ${kind}` }, world)

/** Every kind that the work writes. */
const kinds = [
  ...['claimed', 'assigned', 'released', 'handed_back', 'waiting', 'resumed', 'wait_ended', 'escalated', 'moved'],
  ...['severity_changed', 'commented', 'step_completed', 'step_skipped', 'resolved', 'reopened', 'linked', 'unlinked'],
  ...['approval_requested', 'approval_granted', 'approval_refused', 'approval_withdrawn', 'approval_voided'],
  ...['approval_expired', 'snoozed', 'woken', 'respond_breached', 'breach_imminent', 'breached'],
]

it.each(kinds)('%s is told in words', (kind) => {
  expect(line(kind).text).not.toContain('summary of')
  expect(line(kind).text).not.toContain('_')
})

it('leaves what it does not know to the words of the server', () => {
  expect(line('received')).toEqual({ text: 'summary of received', changes: [] })
})

it('shows what changed, before and after', () => {
  const data = { before: { status: 'OPEN', owner: null }, after: { status: 'IN_PROGRESS', owner: 'ana' } }
  expect(line('claimed', data).changes).toEqual(['status Open → In progress', 'owner nobody → you'])
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
