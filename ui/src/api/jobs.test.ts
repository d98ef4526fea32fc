import { expect, it } from 'vitest'
import { progressOf } from './jobs'

it('shows progress where it is told in numbers, and never passes its total', () => {
  expect(progressOf({ done: 3, total: 10 })).toEqual({ done: 3, total: 10 })
  expect(progressOf({ done: 12, total: 10 })).toEqual({ done: 10, total: 10 })
  for (const other of [null, 7, {}, { done: 1 }, { done: '1', total: 2 }, { done: 0, total: 0 }]) {
    expect(progressOf(other)).toBeUndefined()
  }
})
