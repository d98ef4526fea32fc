import { expect, it } from 'vitest'
import { commandOf, fieldsOf, union, verbs, type Choices } from './forms'

const code = (name: string) => ({ code: name, label: name.toLowerCase() })
const choices: Choices = {
  codes: {
    types: {
      CASH: { resolutions: [code('BOOKED'), code('DUPLICATE')], rootCauses: [code('FX')] },
      FAIL: { resolutions: [code('SETTLED'), code('DUPLICATE')], rootCauses: [code('SSI')] },
      OTHER: { resolutions: [code('ODD')], rootCauses: [code('ODD_CAUSE')] },
    },
    waiting: [code('CLIENT')],
  },
  types: ['CASH', 'FAIL'],
  pack: undefined,
  people: ['ann'],
}
const optionsOf = (name: string, values = {}) =>
  fieldsOf('resolve', choices, values).find((field) => field.name === name)?.options

it('offers how the types of the filter end, those that all know first', () => {
  expect(optionsOf('resolution')).toEqual([
    { code: 'DUPLICATE', label: 'duplicate' },
    { code: 'BOOKED', label: 'booked (1 of 2 types)' },
    { code: 'SETTLED', label: 'settled (1 of 2 types)' },
  ])
})

it('offers the causes of the types that know the resolution', () => {
  expect(optionsOf('rootCause')).toEqual([])
  expect(optionsOf('rootCause', { resolution: 'BOOKED' })).toEqual([{ code: 'FX', label: 'fx' }])
  expect(optionsOf('rootCause', { resolution: 'DUPLICATE' })?.map((one) => one.code)).toEqual(['FX', 'SSI'])
})

it('has no options where nothing is known', () => {
  expect(union([])).toEqual([])
})

it('sends what the form asks for, trimmed, and nothing that was left empty', () => {
  const values = { resolution: 'BOOKED', rootCause: 'FX', note: '  ', owner: 'old' }
  expect(commandOf('resolve', fieldsOf('resolve', choices, values), values)).toEqual({
    command: 'resolve',
    resolution: 'BOOKED',
    rootCause: 'FX',
  })
  expect(commandOf('claim', fieldsOf('claim', choices, values), values)).toEqual({ command: 'claim' })
})

it('sends times with their zone and days without', () => {
  const wait = { reason: 'CLIENT', until: '2026-12-01T16:30' }
  expect(commandOf('wait', fieldsOf('wait', choices, wait), wait)).toMatchObject({
    until: new Date('2026-12-01T16:30').toISOString(),
  })
  const snooze = { reason: 'holiday', until: '2026-12-01' }
  expect(commandOf('snooze', fieldsOf('snooze', choices, snooze), snooze)).toMatchObject({ until: '2026-12-01' })
})

it('labels every field of every command', () => {
  for (const verb of verbs)
    for (const field of fieldsOf(verb, choices, {})) expect(field.label, `${verb} ${field.name}`).not.toBe('')
})
