// What every test needs: keys, a logged-in page, and a watch on where requests go.
import { test as base, expect, request, type Page } from '@playwright/test'
import { readFileSync } from 'node:fs'

export const tenant = 'TENANT_FINANCE_001'
export const otherTenant = 'TENANT_HEALTHCARE_042'

type Role = 'admin' | 'operator' | 'supervisor' | 'viewer' | 'source'

export const credentialsPath = process.env.SENTINAI_CREDENTIALS ?? '../.sentinai/credentials.json'
const credentials = JSON.parse(readFileSync(credentialsPath, 'utf8')) as Record<string, Partial<Record<Role, string>>>

export function keyOf(tenantId: string, role: Role): string {
  const key = credentials[tenantId]?.[role]
  if (!key) throw new Error(`${credentialsPath} has no ${role} key for ${tenantId}`)
  return key
}

interface Fixtures {
  /** Logged in as an operator of the finance tenant. */
  member: Page
  /** Fails the test if the page asked any other host for anything. */
  oneOrigin: undefined
}

export const test = base.extend<Fixtures>({
  oneOrigin: [
    async ({ page, baseURL }, run) => {
      const elsewhere: string[] = []
      page.on('request', (sent) => {
        const url = new URL(sent.url())
        if (url.protocol.startsWith('http') && url.origin !== new URL(baseURL ?? '').origin) elsewhere.push(sent.url())
      })
      await run(undefined)
      expect(elsewhere, 'requests to other origins').toEqual([])
    },
    { auto: true },
  ],
  member: async ({ page }, run) => {
    await logIn(page, 'operator')
    await run(page)
  },
})

export const rows = (page: Page) => page.locator('[data-exception]')
export const panel = (page: Page) => page.getByRole('complementary', { name: 'Exception' })

export async function openDesk(page: Page, address = '/desk') {
  await page.goto(address)
  await expect(rows(page).first()).toBeVisible()
}

export const idsOf = (page: Page) =>
  rows(page).evaluateAll((elements) => elements.map((element) => element.getAttribute('data-exception')))

/** As another program does: with a key of its own and no session. */
export const withKey = (baseURL: string | undefined, role: Role = 'operator', ofTenant = tenant) =>
  request.newContext({ baseURL, extraHTTPHeaders: { 'X-API-KEY': keyOf(ofTenant, role) } })

/** As the login page does: with the session cookie the server takes changes from its own pages only. */
export async function logIn(page: Page, role: Role, ofTenant = tenant) {
  const { origin } = new URL((await page.request.get('/v1/session')).url())
  const data = { tenantId: ofTenant, key: keyOf(ofTenant, role) }
  const answer = await page.request.post('/v1/session', { data, headers: { Origin: origin } })
  expect(answer.status()).toBe(200)
}

/** A command as somebody else sends it meanwhile. */
export async function command(baseURL: string | undefined, role: Role, exceptionId: string, body: object) {
  const other = await withKey(baseURL, role)
  const answer = await other.post(`/v1/tenants/${tenant}/exceptions/${exceptionId}/commands`, { data: body })
  expect(answer.status(), await answer.text()).toBe(200)
  await other.dispose()
}

interface Shown {
  status: string
  severity: string
  owner: string | null
}

/** The exception as the server knows it. */
export async function shown(baseURL: string | undefined, exceptionId: string): Promise<Shown> {
  const other = await withKey(baseURL)
  const answer = await other.get(`/v1/tenants/${tenant}/exceptions/${exceptionId}`)
  const exception = (await answer.json()) as Shown
  await other.dispose()
  return exception
}

/**
 * The value date of what tests send: so long ago that no rule about age holds, whatever the date is. Today would be another business day on
 * each run, and on weekends none.
 */
export const valueDate = '2024-01-15'

/** As a source system does. `payload` is added to that of a cash break of its own. */
export async function send(baseURL: string | undefined, payload: object = {}): Promise<string> {
  const system = await withKey(baseURL)
  const mark = Math.random().toString(36).slice(2, 10).toUpperCase()
  const answer = await system.post(`/v1/tenants/${tenant}/exceptions`, {
    data: {
      exception: {
        sourceSystem: 'SettlementSystem',
        exceptionType: 'CASH_BREAK',
        rawPayload: {
          accountId: `ACC-${mark}`,
          currency: 'EUR',
          expectedBalance: 1_204_880,
          actualBalance: 1_389_100.15,
          difference: 184_220.15,
          valueDate,
          ...payload,
        },
        normalizedContext: {},
      },
    },
  })
  expect(answer.status(), await answer.text()).toBe(202)
  const { exceptionId } = (await answer.json()) as { exceptionId: string }
  await system.dispose()
  return exceptionId
}

export { expect }
