import { expect, it } from 'vitest'
import { timeIn } from './time'

it('names zones as the people there do', () => {
  expect(timeIn('Europe/Berlin', '2026-11-23T15:30:00Z')).toBe('Mon 23 Nov, 16:30 CET')
  expect(timeIn('America/New_York', '2026-11-23T20:00:00Z')).toBe('Mon 23 Nov, 15:00 EST')
  expect(timeIn('America/New_York', '2026-07-01T20:00:00Z')).toBe('Wed 1 Jul, 16:00 EDT')
})

it('does not fail on a zone the browser does not know', () => {
  expect(timeIn('Mars/Olympus', '2026-11-23T15:30:00Z')).toBeUndefined()
})
