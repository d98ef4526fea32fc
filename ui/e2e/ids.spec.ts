// Every id that is accepted can be opened from the list, worked with and reloaded by its address.
import { expect, logIn, openDesk, otherTenant, panel, test, withKey } from './desk'

const service = 'Service of odd ids'
const ids = [
  'count',
  'facets',
  'export',
  'a/b',
  'ä b',
  'a%2Fb',
  '#x?y',
  '..x',
  'x.js',
  ':bulk',
  'a\\b',
  'é+&=1',
  `L${'o'.repeat(198)}g`,
]

test.beforeAll(async ({ baseURL }) => {
  const system = await withKey(baseURL, 'operator', otherTenant)
  const exceptions = ids.map((exceptionId, at) => ({
    exceptionId,
    sourceSystem: 'ClaimsPlatform',
    exceptionType: 'CLAIM_MISSING_AUTH',
    rawPayload: { claimId: `CLM-ODD-${String(at)}`, service },
  }))
  const answer = await system.post(`/v1/tenants/${otherTenant}/exceptions`, { data: { exceptions } })
  expect(answer.ok(), await answer.text()).toBe(true)
  await system.dispose()
})

for (const id of ids)
  test(`the exception ${id.slice(0, 20)} is opened, worked and reloaded`, async ({ page }) => {
    await logIn(page, 'operator', otherTenant)
    await openDesk(page, `/desk?field.service=${encodeURIComponent(service)}`)
    await page.locator(`[data-exception=${JSON.stringify(id)}]`).click()
    await expect(panel(page).locator('header').getByText(id, { exact: true })).toBeVisible()
    await expect(panel(page).getByRole('heading', { name: 'Raw data' })).toBeVisible()
    const text = `Seen ${Math.random().toString(36).slice(2)}`
    await page.keyboard.press('m')
    await page.getByRole('dialog').getByLabel('Text').fill(text)
    await page.keyboard.press('Control+Enter')
    await expect(page.getByLabel('Messages')).toContainText('Comment added')
    await expect(panel(page).getByText(text, { exact: true })).toBeVisible()
    await page.reload()
    await expect(panel(page).locator('header').getByText(id, { exact: true })).toBeVisible()
    await expect(panel(page).getByText(text, { exact: true })).toBeVisible()
    // As a link that somebody sends.
    await page.goto(`/desk/exceptions/${encodeURIComponent(id)}`)
    await expect(panel(page).getByText(text, { exact: true })).toBeVisible()
  })
