import { expect, it } from 'vitest'
import { readCodes } from './codes'

it('reads the codes of a pack document', () => {
  const ended = { resolutions: [{ code: 'BOOKED', label: 'Booked' }], rootCauses: [{ code: 'FX', label: 'FX rate' }] }
  expect(
    readCodes({
      exceptionTypes: { CASH_BREAK: { label: 'Cash break', ...ended } },
      waitingReasons: { CLIENT: 'Client' },
    }),
  ).toEqual({ types: { CASH_BREAK: ended }, waiting: [{ code: 'CLIENT', label: 'Client' }] })
})

it('knows no codes where the document has none', () => {
  for (const document of [undefined, null, {}]) expect(readCodes(document)).toEqual({ types: {}, waiting: [] })
  expect(readCodes({ exceptionTypes: { A: {} } }).types).toEqual({ A: { resolutions: [], rootCauses: [] } })
})
