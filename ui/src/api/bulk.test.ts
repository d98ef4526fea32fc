import { expect, it } from 'vitest'
import { readBulk, searchOf, withRun, type BulkPage, type BulkRun } from './bulk'

const run = (runId: string, state = 'RUNNING') => ({ runId, state }) as BulkRun
const page = (...items: BulkRun[]): BulkPage => ({ items, next: null })

it('reads what fits of an address and leaves the rest out', () => {
  expect(readBulk({ outcome: 'REFUSED' })).toEqual({ outcome: 'REFUSED' })
  for (const raw of [{}, { outcome: 'refused' }, { outcome: ['DONE'] }, { state: 'DONE' }])
    expect(readBulk(raw)).toEqual({})
})

it('leads from a run back to what its filter selects', () => {
  expect(searchOf('severity=HIGH%2CLOW&q=ACC%20%26%20co&field.isin=US17&field.isin=A%2CB')).toEqual({
    severity: ['HIGH', 'LOW'],
    q: 'ACC & co',
    fields: { isin: ['US17', 'A,B'] },
  })
  expect(searchOf('')).toEqual({})
})

it('puts a run where it is, and a new one on top', () => {
  const pages = [page(run('b'), run('a')), page(run('0'))]
  expect(withRun(pages, run('0', 'DONE'))[1]?.items).toEqual([run('0', 'DONE')])
  expect(withRun(pages, run('c'))[0]?.items.map(({ runId }) => runId)).toEqual(['c', 'b', 'a'])
  expect(withRun(pages, run('c'))[1]).toBe(pages[1])
})
