import { expect, test } from 'vitest'
import { bucketWords, listOf } from './ageing'
import { filterQuery } from './filter'

test('a figure leads to the unresolved ones of its type and days', () => {
  expect(filterQuery(listOf('CASH_BREAK', { agedFrom: '2026-11-16', agedTo: '2026-11-20' }))).toEqual({
    type: 'CASH_BREAK',
    status: 'OPEN,IN_PROGRESS,WAITING,PENDING_APPROVAL',
    agedFrom: '2026-11-16',
    agedTo: '2026-11-20',
  })
})

test('buckets are named by their business days', () => {
  expect([bucketWords({ least: 0, most: 1 }), bucketWords({ least: 31, most: null })]).toEqual(['0–1', 'over 30'])
})
