import { expect, it } from 'vitest'
import { paths, safeNext } from './paths'

it('builds every path', () => {
  expect({
    desk: paths.desk(),
    filtered: paths.desk({ severity: ['HIGH', 'CRITICAL'], q: 'ACC & co', sort: 'due' }),
    exception: paths.exception('FIN-1/2', { due: ['late'] }),
    quarantine: paths.quarantine({ state: 'DISCARDED' }),
    quarantined: paths.quarantined('Q-1', { code: 'unknown-type' }),
    audit: paths.audit({ kind: 'viewed' }),
    login: paths.login(),
    loginWithReturn: paths.login('/desk?due=late'),
    apiReference: paths.apiReference(),
    byField: paths.desk({ fields: { isin: ['US17', 'A,B'] } }),
    exported: paths.export('TENANT A', 'csv', { severity: ['HIGH'], fields: { isin: ['US17'] } }),
    live: paths.live('TENANT A'),
    approvals: paths.approvals(),
    granted: paths.approvals({ state: 'GRANTED' }),
  }).toMatchInlineSnapshot(`
    {
      "apiReference": "/docs",
      "approvals": "/approvals",
      "audit": "/audit?kind=viewed",
      "byField": "/desk?field.isin=US17&field.isin=A,B",
      "desk": "/desk",
      "exception": "/desk/exceptions/FIN-1%2F2?due=late",
      "exported": "/v1/tenants/TENANT%20A/exceptions:export?format=csv&severity=HIGH&field.isin=US17&sort=-created",
      "filtered": "/desk?severity=HIGH,CRITICAL&q=ACC%20%26%20co&sort=due",
      "granted": "/approvals?state=GRANTED",
      "live": "/v1/tenants/TENANT%20A/live",
      "login": "/login",
      "loginWithReturn": "/login?next=%2Fdesk%3Fdue%3Dlate",
      "quarantine": "/quarantine?state=DISCARDED",
      "quarantined": "/quarantine/Q-1?code=unknown-type",
    }
  `)
})

it('returns only to paths of this desk', () => {
  expect(safeNext('/desk?due=late')).toBe('/desk?due=late')
  for (const next of [undefined, '', 'https://evil.example', '//evil.example', '/\\evil.example', '/login?next=/desk'])
    expect(safeNext(next)).toBe('/desk')
})
