import { expect, it } from 'vitest'
import type { ExceptionDetail } from '../../api/types'
import { partsLine, unnamedLine } from './partsWords'

it('says how many are open and how bad they are', () => {
  expect(partsLine({ total: 2, open: 2, highestSeverity: 'HIGH' })).toBe('2 of 2 open, the worst High')
  expect(partsLine({ total: 2, open: 1, highestSeverity: 'LOW' })).toBe('1 of 2 open: Low')
  expect(partsLine({ total: 1_200, open: 1_001, highestSeverity: 'CRITICAL' })).toBe(
    '1,001 of 1,200 open, the worst Critical',
  )
})

it('says when nothing is open any more', () => {
  expect(partsLine({ total: 1, open: 0, highestSeverity: null })).toBe('resolved')
  expect(partsLine({ total: 3, open: 0, highestSeverity: null })).toBe('all 3 resolved')
})

it('says how many are not named', () => {
  const items = Array.from({ length: 50 }, () => ({}) as ExceptionDetail['children']['items'][number])
  expect(unnamedLine({ total: 52, items })).toBe('and 2 more, less severe or due later')
  expect(unnamedLine({ total: 50, items })).toBeUndefined()
})
