import { expect, it } from 'vitest'
import { clockBar } from './clockBar'

const clock = {
  startedAt: '2026-11-23T08:00:00Z',
  respondDueAt: '2026-11-23T09:00:00Z',
  dueAt: '2026-11-23T16:00:00Z',
}
const at = (time: string) => Date.parse(`2026-11-23T${time}Z`)

it('runs from start to deadline', () => {
  expect(clockBar(clock, at('12:00:00'))).toEqual({ nowAt: 50, dueAt: 100, respondAt: 12.5, isLate: false })
})

it('grows past the deadline', () => {
  expect(clockBar(clock, at('18:00:00'))).toEqual({ nowAt: 100, dueAt: 80, respondAt: 10, isLate: true })
})

it('waits at its start until the calendar opens', () => {
  expect(clockBar(clock, at('06:00:00')).nowAt).toBe(0)
})

it('survives a clock without length', () => {
  const same = { ...clock, dueAt: clock.startedAt, respondDueAt: clock.startedAt }
  expect(clockBar(same, at('08:00:00'))).toEqual({ nowAt: 100, dueAt: 100, respondAt: 100, isLate: false })
})
