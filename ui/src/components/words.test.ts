import { expect, it } from 'vitest'
import type { Pack } from '../api/types'
import { shortId, valueWord } from './words'

const pack = { queues: { cashRecon: { label: 'Cash Recon', description: '' } }, types: {} } as unknown as Pack

it('names queues as the pack does', () => {
  expect(valueWord(pack, 'queue', 'cashRecon')).toBe('Cash Recon')
  expect(valueWord(pack, 'queue', 'gone')).toBe('gone')
  expect(valueWord(undefined, 'queue', 'cashRecon')).toBe('cashRecon')
})

it('names severities and due buckets', () => {
  expect(valueWord(pack, 'severity', 'CRITICAL')).toBe('Critical')
  expect(valueWord(pack, 'due', 'nextHour')).toBe('Next hour')
})

it('shortens generated ids and leaves others alone', () => {
  expect(shortId('FIN-7c1e0000-1111-4222-a333-444444444444-0042')).toBe('FIN-7c1e…-0042')
  expect(shortId('BRK-2026-17')).toBe('BRK-2026-17')
})
