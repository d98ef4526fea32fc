import { expect, it } from 'vitest'
import { readQuarantine } from './quarantine'

it('reads what fits of an address and leaves the rest out', () => {
  expect(readQuarantine({ state: 'DISCARDED', code: 'unknown-type' })).toEqual({
    state: 'DISCARDED',
    code: 'unknown-type',
  })
  for (const raw of [{}, { state: 'HELD' }, { state: 'held' }, { code: '' }, { code: 'A b' }, { code: 7 }])
    expect(readQuarantine(raw)).toEqual({})
})
