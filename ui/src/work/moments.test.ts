import { expect, it } from 'vitest'
import { daysUntil, snoozePresets, waitPresets } from './moments'

const monday = new Date(2026, 10, 23, 13, 30)
const friday = new Date(2026, 10, 27, 18, 0)
const sunday = new Date(2026, 10, 29, 10, 0)

it('offers times to wait until that lie ahead, each once', () => {
  expect(waitPresets(monday)).toEqual([
    { label: '2 hours', value: '2026-11-23T15:30' },
    { label: 'Today 17:00', value: '2026-11-23T17:00' },
    { label: 'Tomorrow 09:00', value: '2026-11-24T09:00' },
    { label: 'Monday 09:00', value: '2026-11-30T09:00' },
  ])
  expect(waitPresets(friday).map(({ label }) => label)).not.toContain('Today 17:00')
  expect(waitPresets(sunday).filter(({ value }) => value === '2026-11-30T09:00')).toHaveLength(1)
})

it('offers no weekend to come back on', () => {
  expect(snoozePresets(friday)).toEqual([{ label: 'Monday', value: '2026-11-30' }])
  expect(snoozePresets(monday).map(({ value }) => value)).toEqual([
    '2026-11-24',
    '2026-11-25',
    '2026-11-26',
    '2026-11-30',
  ])
})

it('counts days as people do', () => {
  expect(daysUntil('2026-11-24', monday)).toBe(1)
  expect(daysUntil('2026-11-30', monday)).toBe(7)
})
