import { expect, it } from 'vitest'
import { evidenceOf } from './Evidence'

it('names what a clearing and both sides of a revision were', () => {
  expect(evidenceOf('{"evidence":"aa","before":{"status":"OPEN"},"after":{"status":"RESOLVED"}}')).toEqual([
    { title: 'What the source sent', sha256: 'aa' },
  ])
  const revised = evidenceOf('{"before":{"evidence":"bb"},"after":{"evidence":"cc"}}')
  expect(revised.map(({ sha256 }) => sha256)).toEqual(['bb', 'cc'])
  expect(evidenceOf('{"before":null,"owner":"ana"}')).toEqual([])
})
