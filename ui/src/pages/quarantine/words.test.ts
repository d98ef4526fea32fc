import { expect, it } from 'vitest'
import { hindrance, outcomeLine, reasonLine } from './words'

it('lets operators replay and supervisors discard', () => {
  expect(hindrance('operator', 'operator')).toBeUndefined()
  expect(hindrance('admin', 'supervisor')).toBeUndefined()
  expect(hindrance('operator', 'supervisor')).toBe('Needs the role supervisor; yours is operator')
  for (const role of ['viewer', undefined, null, 'stranger']) expect(hindrance(role, 'operator')).toBeDefined()
})

it('says the first reason and counts the others', () => {
  const fault = (message: string) => ({ pointer: '', code: 'missing', message })
  expect(reasonLine({ errors: [fault('a is missing')] })).toBe('a is missing')
  expect(reasonLine({ errors: [fault('a is missing'), fault('b'), fault('c')] })).toBe('a is missing (and 2 more)')
  expect(reasonLine({ errors: [] })).toBe('')
})

it('says what a replay did', () => {
  expect(outcomeLine({ replayed: 1200, stillRefused: 3 })).toBe('1,200 replayed, 3 still refused')
})
