import { expect, it } from 'vitest'
import { demandLine, readDemands } from './demand'

const demands = readDemands({
  approvals: [
    { action: 'resolve', resolutions: ['WRITTEN_OFF'], because: 'Giving up money is decided by two.' },
    { action: 'resolve', above: '50000000', because: 'Much is at stake.' },
    { action: 'lowerSeverity', because: 'Nobody makes their own work less urgent.' },
    { action: 'snooze', moreThan: 5, because: 'Hidden for long.' },
  ],
})

it('says that a resolution needs a second person, and why', () => {
  expect(demandLine(demands, { resolution: 'WRITTEN_OFF' })).toContain('Giving up money is decided by two.')
})

it('says from which amount another one needs one', () => {
  expect(demandLine(demands, { resolution: 'BOOKED' })).toBe(
    'Above an amount of 50,000,000 a second person has to allow this.',
  )
})

it('asks for one when a severity is lowered, not when it is raised', () => {
  expect(demandLine(demands, { from: 'HIGH', to: 'LOW' })).toContain('less urgent')
  expect(demandLine(demands, { from: 'LOW', to: 'HIGH' })).toBeUndefined()
})

it('asks for one when something is hidden for longer than the pack allows', () => {
  expect(demandLine(demands, { days: 5 })).toBeUndefined()
  expect(demandLine(demands, { days: 6 })).toContain('Hidden for long.')
})

it('reads no demands from what is no pack', () => {
  for (const document of [null, undefined, {}, { approvals: 'none' }]) expect(readDemands(document)).toEqual([])
})
