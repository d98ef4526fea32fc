import { expect, it } from 'vitest'
import { endOf, receivedCount } from './live'

it('reads why the line has ended, and takes what it cannot read for a refusal', () => {
  const suspended = '{"title":"Suspended","status":403,"code":"tenant-suspended","detail":"The tenant is suspended"}'
  expect(endOf(suspended)).toMatchObject({ status: 403, code: 'tenant-suspended', detail: 'The tenant is suspended' })
  for (const data of ['', 'null', '{}']) expect(endOf(data)).toMatchObject({ status: 400, code: 'unknown' })
})

it('counts what came, where that is known', () => {
  expect(['{"received":3}', '{"received":"3"}', '{}', 'x'].map(receivedCount)).toEqual([3, 0, 0, 0])
})
