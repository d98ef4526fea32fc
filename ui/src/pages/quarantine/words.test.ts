import { expect, it } from 'vitest'
import { outcomeLine, reasonLine } from './words'

it('says the first reason and counts the others', () => {
  const fault = (message: string) => ({ pointer: '', code: 'missing', message })
  expect(reasonLine({ errors: [fault('a is missing')] })).toBe('a is missing')
  expect(reasonLine({ errors: [fault('a is missing'), fault('b'), fault('c')] })).toBe('a is missing (and 2 more)')
  expect(reasonLine({ errors: [] })).toBe('')
})

it('says what a replay did', () => {
  expect(outcomeLine({ replayed: 1200, stillRejected: 3 })).toBe('1,200 replayed, 3 still refused')
})
