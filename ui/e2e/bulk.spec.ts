import AxeBuilder from '@axe-core/playwright'
import { request, type APIRequestContext, type Page } from '@playwright/test'
import { expect, keyOf, logIn, openDesk, otherTenant, rows, tenant, test, valueDate } from './desk'

type Role = Parameters<typeof keyOf>[1]

const client = (baseURL: string | undefined, ofTenant: string, role: Role) =>
  request.newContext({ baseURL, extraHTTPHeaders: { 'X-API-KEY': keyOf(ofTenant, role) } })

const marked = () => `BULK${Math.random().toString(36).slice(2, 10).toUpperCase()}`

/** Exceptions whose ids begin with the mark, which finds them and nothing else. */
async function sendMarked(system: APIRequestContext, ofTenant: string, exceptions: object[]) {
  const answer = await system.post(`/v1/tenants/${ofTenant}/exceptions`, { data: { exceptions } })
  expect(answer.ok(), await answer.text()).toBe(true)
}

const cashBreak = (mark: string, index: number) => ({
  exceptionId: `${mark}-${index}`,
  sourceSystem: 'SettlementSystem',
  exceptionType: 'CASH_BREAK',
  rawPayload: {
    accountId: `ACC-${mark}-${index}`,
    currency: 'EUR',
    expectedBalance: 1_000,
    actualBalance: 1_200,
    difference: 200,
    valueDate,
  },
})

const missingAuth = (mark: string, index: number) => ({
  exceptionId: `${mark}-${index}`,
  sourceSystem: 'ClaimsPlatform',
  exceptionType: 'CLAIM_MISSING_AUTH',
  rawPayload: { claimId: `CLM-${mark}-${index}`, claimAmount: 1_000 },
})

async function countOf(system: APIRequestContext, ofTenant: string, query: string) {
  const answer = await system.get(`/v1/tenants/${ofTenant}/exceptions:count?${query}`)
  return ((await answer.json()) as { count: number }).count
}

const faultsOf = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

test('all that a filter selects is resolved, what arrives meanwhile is not, and refusals are listed', async ({
  member: page,
  baseURL,
}) => {
  const mark = marked()
  const system = await client(baseURL, tenant, 'operator')
  const supervisor = await client(baseURL, tenant, 'supervisor')
  await sendMarked(
    system,
    tenant,
    [1, 2, 3].map((index) => cashBreak(mark, index)),
  )
  const claimed = await supervisor.post(`/v1/tenants/${tenant}/exceptions/${mark}-2/commands`, {
    data: { command: 'claim' },
  })
  expect(claimed.status()).toBe(200)

  await openDesk(page, `/desk?q=${mark}`)
  await expect(page.getByRole('button', { name: 'Change all 3' })).toBeEnabled()
  await page.keyboard.press('b')
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByLabel('Command')).toBeFocused()
  await dialog.getByLabel('Command').selectOption('Resolve')
  await dialog.getByLabel('How it ended').selectOption('Duplicate')
  await dialog.getByLabel('Why it happened').selectOption({ index: 1 })
  await dialog.getByRole('button', { name: 'Preview' }).click()
  await expect(dialog.getByText('2 would be changed.')).toBeVisible()
  await expect(dialog.getByRole('list', { name: 'Why they would be refused' })).toContainText('works on it')
  expect(await countOf(system, tenant, `q=${mark}&status=RESOLVED`), 'a preview changes nothing').toBe(0)

  await sendMarked(system, tenant, [cashBreak(mark, 4)])
  await dialog.getByRole('button', { name: 'Commit: change 2 exceptions' }).click()
  await expect(dialog.getByText('Done: 2 changed, 1 refused.')).toBeVisible()
  const refused = dialog.getByRole('list', { name: 'Refused' })
  await expect(refused.getByRole('listitem')).toHaveCount(1)
  await expect(refused.locator(`[data-item="${mark}-2"]`)).toContainText('works on it')
  expect(await countOf(system, tenant, `q=${mark}&status=RESOLVED`)).toBe(2)
  expect(await countOf(system, tenant, `q=${mark}&status=OPEN`), 'the one that arrived meanwhile').toBe(1)
  const newcomer = await system.get(`/v1/tenants/${tenant}/exceptions/${mark}-4`)
  expect(await newcomer.json(), 'nothing has touched it').toMatchObject({ status: 'OPEN', owner: null, version: 1 })

  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(rows(page).filter({ hasText: 'Resolved' })).toHaveCount(2)
  const strip = page.getByRole('list', { name: 'Bulk runs' })
  await expect(strip).toContainText('2 changed, 1 refused')
  await strip.getByRole('link').click()
  await expect(page).toHaveURL(/\/bulk\/[0-9a-f-]+$/)
  const panel = page.getByRole('complementary', { name: 'Bulk run' })
  await panel.getByRole('link', { name: 'Refused 1' }).click()
  await expect(page).toHaveURL(/outcome=REFUSED$/)
  await expect(panel.getByRole('link', { name: 'Refused 1' })).toHaveAttribute('aria-current')
  await expect(panel.getByRole('link', { name: 'All 3' })).not.toHaveAttribute('aria-current')
  await expect(panel.locator('[data-item]')).toHaveCount(1)
  await panel.locator(`[data-item="${mark}-2"]`).getByRole('link').click()
  await expect(page).toHaveURL(new RegExp(`/desk/exceptions/${mark}-2`))
})

test('leaving the preview gives the run up', async ({ member: page, baseURL }) => {
  const mark = marked()
  const system = await client(baseURL, tenant, 'operator')
  await sendMarked(system, tenant, [cashBreak(mark, 1)])
  await openDesk(page, `/desk?q=${mark}`)
  await page.getByRole('button', { name: 'Change all 1' }).click()
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByText('1 would be changed.')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.getByRole('link', { name: 'Bulk', exact: true }).click()
  const run = page.locator('[data-run]').filter({ hasText: mark })
  await expect(run).toContainText('Given up')
  expect(await countOf(system, tenant, `q=${mark}&status=OPEN`)).toBe(1)
})

test('more than the pack allows waits for a second person, who grants it', async ({ page, browser, baseURL }) => {
  const mark = marked()
  const system = await client(baseURL, otherTenant, 'operator')
  const all = Array.from({ length: 1_001 }, (_, index) => missingAuth(mark, index))
  await sendMarked(system, otherTenant, all.slice(0, 600))
  await sendMarked(system, otherTenant, all.slice(600))
  await logIn(page, 'operator', otherTenant)
  await openDesk(page, `/desk?q=${mark}`)
  await page.getByRole('button', { name: 'Change all 1,001' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Command').selectOption('Comment')
  await dialog.getByRole('textbox', { name: 'Comment' }).fill('payer was asked')
  await dialog.getByRole('button', { name: 'Preview' }).click()
  await expect(dialog).toContainText('A second person must agree to the whole.')
  await dialog.getByRole('button', { name: 'Ask a second person' }).click()
  await expect(dialog).toContainText('It waits for a second person')
  await dialog.getByRole('link', { name: 'The run and its exceptions' }).click()
  const own = page.getByRole('complementary', { name: 'Bulk run' })
  await expect(own).toContainText('a supervisor other than you decides')
  await expect(own.getByRole('button', { name: /^Grant/ })).toBeHidden()

  const context = await browser.newContext({ baseURL })
  const second = await context.newPage()
  await logIn(second, 'supervisor', otherTenant)
  await second.goto('/bulk')
  await second.getByRole('link', { name: 'Comment: payer was asked' }).first().click()
  const panel = second.getByRole('complementary', { name: 'Bulk run' })
  await panel.getByRole('button', { name: 'Grant: change 1,001 exceptions' }).click()
  await expect(panel.getByText('1,001 changed')).toBeVisible({ timeout: 20_000 })
  await expect(own.getByText('1,001 changed')).toBeVisible()
  await context.close()
})

for (const colorScheme of ['light', 'dark'] as const)
  test.describe(colorScheme, () => {
    test.use({ colorScheme })

    test('form, preview, runs and a run bar nobody', async ({ member: page, baseURL }) => {
      const mark = marked()
      await sendMarked(await client(baseURL, tenant, 'operator'), tenant, [cashBreak(mark, 1), cashBreak(mark, 2)])
      await openDesk(page, `/desk?q=${mark}`)
      await page.keyboard.press('b')
      await page.getByLabel('Command').selectOption('Resolve')
      expect(await faultsOf(page)).toEqual([])
      await page.getByLabel('Command').selectOption('Claim')
      await page.getByRole('button', { name: 'Preview' }).click()
      await expect(page.getByText('2 would be changed.')).toBeVisible()
      expect(await faultsOf(page)).toEqual([])
      await page.getByRole('button', { name: /^Commit/ }).click()
      await expect(page.getByText('Done: 2 changed.')).toBeVisible()
      expect(await faultsOf(page)).toEqual([])
      await page.getByRole('link', { name: 'The run and its exceptions' }).click()
      await expect(page.locator('[data-item]')).toHaveCount(2)
      expect(await faultsOf(page)).toEqual([])
    })
  })
