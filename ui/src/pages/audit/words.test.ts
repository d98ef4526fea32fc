import { expect, it } from 'vitest'
import { readAudit } from '../../api/audit'
import { kinds, lastVerificationLine, verdictLine } from './words'

it('says what came of a verification', () => {
  expect(verdictLine({ ok: true, events: 1200, firstInvalid: null, problem: null })).toBe(
    'All 1,200 events are sound.',
  )
  expect(verdictLine({ ok: false, events: 4, firstInvalid: 5, problem: 'the hash differs' })).toBe(
    'Broken at event 5: the hash differs. The 4 before it are sound.',
  )
})

it('says who verified last, when, and what came of it', () => {
  expect(lastVerificationLine(null)).toBe('Never verified.')
  const last = { actor: 'operator', at: '2026-11-23T12:00:00Z', ok: true, events: 7, firstInvalid: null, problem: null }
  expect(lastVerificationLine(last)).toMatch(/^Last verified .+ by operator\. All 7 events are sound\.$/)
})

it('offers the kind of the address, whatever it is', () => {
  expect(kinds('viewed').filter((kind) => kind === 'viewed')).toHaveLength(1)
  expect(kinds('rate_set')).toContain('rate_set')
  expect(readAudit({ kind: 'approval_requested' })).toEqual({ kind: 'approval_requested' })
  expect(readAudit({ kind: 'a b' })).toEqual({})
})
