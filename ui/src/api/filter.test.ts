import { describe, expect, it } from 'vitest'
import { filterQuery, flagged, isFiltered, readParameters, readSearch, toggled, without, withoutField } from './filter'
import { deskQuery } from '../paths'

describe('readSearch', () => {
  it('reads comma-separated lists', () => {
    expect(readSearch({ severity: 'HIGH,CRITICAL', queue: 'cashRecon' })).toEqual({
      severity: ['HIGH', 'CRITICAL'],
      queue: ['cashRecon'],
    })
  })

  it('leaves out what is not in the grammar', () => {
    expect(readSearch({ severity: 'LOUD', sort: 'colour', due: 'never', nonsense: '1', q: ' ' })).toEqual({})
  })

  it('leaves out the default sort, so that one state has one URL', () => {
    expect(readSearch({ sort: '-created' })).toEqual({})
    expect(readSearch({ sort: 'due' })).toEqual({ sort: 'due' })
  })

  it('keeps commas in free text', () => {
    expect(readSearch({ q: 'a, b' })).toEqual({ q: 'a, b' })
  })

  it('reads what either holds or does not, and leaves out other words', () => {
    expect(readSearch({ breached: 'true', escalated: 'false', severityChanged: 'perhaps' })).toEqual({
      breached: 'true',
      escalated: 'false',
    })
    expect(filterQuery({ breached: 'true', escalated: 'false' })).toEqual({ breached: true, escalated: false })
    expect(deskQuery({ breached: 'true', escalated: 'false' })).toBe('?breached=true&escalated=false')
    expect(flagged({ breached: 'true' }, 'escalated')).toEqual({ breached: 'true', escalated: 'true' })
    expect(flagged({ breached: 'true' }, 'breached')).toEqual({})
  })

  it('drops repeated values', () => {
    expect(readSearch({ type: 'A,B,A' })).toEqual({ type: ['A', 'B'] })
  })
})

describe('filterQuery', () => {
  it('is what the API takes, without the sort', () => {
    expect(filterQuery(readSearch({ severity: ['HIGH', 'LOW'], q: 'x', sort: 'due' }))).toEqual({
      severity: 'HIGH,LOW',
      q: 'x',
    })
  })
})

describe('values with commas', () => {
  const values = ['DTCC, Inc.', 'a\\', '\\,', 'Oven', 'x,,y', "it's"]

  it('are asked of the API with a backslash, and read back from an address', () => {
    const written = filterQuery({ source: values })
    expect(written.source).toBe("DTCC\\, Inc.,a\\\\,\\\\\\,,Oven,x\\,\\,y,it's")
    expect(readSearch({ ...written })).toEqual({ source: values })
  })

  it('are toggled whole', () => {
    const search = toggled({ source: ['Oven'] }, 'source', 'DTCC, Inc.')
    expect(search).toEqual({ source: ['Oven', 'DTCC, Inc.'] })
    expect(toggled(search, 'source', 'DTCC, Inc.')).toEqual({ source: ['Oven'] })
  })

  it('add up where the parameter is repeated', () => {
    expect(readSearch(readParameters('source=DTCC%5C,+Inc.&source=A,B&field.a=1,2&field.a=3&q=x'))).toEqual({
      source: ['DTCC, Inc.', 'A', 'B'],
      fields: { a: ['1,2', '3'] },
      q: 'x',
    })
  })
})

describe('toggled', () => {
  it('adds and takes out', () => {
    const one = toggled({}, 'severity', 'HIGH')
    expect(one).toEqual({ severity: ['HIGH'] })
    expect(toggled(one, 'severity', 'HIGH')).toEqual({})
  })
})

describe('without', () => {
  it('drops one filter and keeps the others and the sort', () => {
    expect(without({ q: 'x', severity: ['HIGH'], sort: 'due' }, 'q')).toEqual({ severity: ['HIGH'], sort: 'due' })
  })
})

describe('isFiltered', () => {
  it('is not moved by the sort', () => {
    expect(isFiltered({ sort: 'due' })).toBe(false)
    expect(isFiltered({ sort: 'due', q: 'x' })).toBe(true)
  })
})

describe('fields', () => {
  const search = readSearch({ 'field.isin': 'US17', 'field.book': ['A', 'B,C', 'A', ''], 'field.': 'x', q: 'x' })

  it('are read by name, once per value, and commas stay in a value', () => {
    expect(search).toEqual({ q: 'x', fields: { isin: ['US17'], book: ['A', 'B,C'] } })
    expect(readSearch({ ...search })).toEqual(search)
  })

  it('may be white space, so that a link to it never shows everything', () => {
    expect(readSearch({ fields: { note: [' '] }, entity: ' ' })).toEqual({ fields: { note: [' '] }, entity: ' ' })
  })

  it('are asked of the API by name', () => {
    expect(filterQuery(search)).toEqual({ q: 'x', 'field.isin': ['US17'], 'field.book': ['A', 'B,C'] })
  })

  it('are dropped one by one', () => {
    expect(withoutField(withoutField(search, 'isin'), 'book')).toEqual({ q: 'x' })
    expect(isFiltered(withoutField(search, 'book'))).toBe(true)
  })
})
