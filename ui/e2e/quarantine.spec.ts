import AxeBuilder from '@axe-core/playwright'
import { request, type Page } from '@playwright/test'
import { expect, keyOf, logIn, tenant, test } from './desk'

/** As a source does that sends a type nobody knows. */
async function sendUnknown(baseURL: string | undefined) {
  const mark = Math.random().toString(36).slice(2, 10).toUpperCase()
  const source = await request.newContext({ baseURL, extraHTTPHeaders: { 'X-API-KEY': keyOf(tenant, 'operator') } })
  const answer = await source.post(`/v1/tenants/${tenant}/exceptions`, {
    data: {
      exception: {
        exceptionId: `Q-TEST-${mark}`,
        sourceSystem: 'SettlementSystem',
        exceptionType: `NOBODY_KNOWS_${mark}`,
        rawPayload: { accountId: `ACC-${mark}`, amount: 12.5 },
      },
    },
  })
  expect(answer.status()).toBe(422)
  const { quarantineId } = (await answer.json()) as { quarantineId: string }
  await source.dispose()
  return { quarantineId, type: `NOBODY_KNOWS_${mark}` }
}

const panel = (page: Page) => page.getByRole('complementary', { name: 'Refused object' })

test('what was refused is seen with its reason and discarded with another', async ({ page, baseURL }) => {
  const { quarantineId, type } = await sendUnknown(baseURL)
  await logIn(page, 'supervisor')
  await page.goto('/desk')
  await page.getByRole('link', { name: 'Refused' }).click()
  await page.getByRole('link', { name: /^unknown-type/ }).click()
  await expect(page).toHaveURL(/\/quarantine\?code=unknown-type$/)
  await page.keyboard.press('j')
  await expect(page.locator(`[data-quarantined="${quarantineId}"]`)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/quarantine/${quarantineId}`))
  await expect(panel(page).getByRole('heading', { name: type })).toBeVisible()
  await expect(panel(page)).toContainText('/exceptionType')
  await expect(panel(page)).toContainText('"amount": 12.5')
  await panel(page).getByRole('button', { name: 'Replay' }).click()
  await expect(panel(page)).toContainText('still refused')
  await panel(page).getByRole('button', { name: 'Discard…' }).click()
  await page.getByLabel('Reason').fill('sent by a test')
  await page.getByRole('button', { name: 'Discard', exact: true }).click()
  await expect(panel(page).getByText('Discarded by demo supervisor: sent by a test', { exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(panel(page)).toBeHidden()
  await expect(page.locator(`[data-quarantined="${quarantineId}"]`)).toBeHidden()
})

test('an operator may replay and is told who may discard', async ({ member, baseURL }) => {
  const { quarantineId } = await sendUnknown(baseURL)
  await member.goto(`/quarantine/${quarantineId}`)
  await expect(panel(member).getByRole('button', { name: 'Replay' })).toBeEnabled()
  await expect(panel(member).getByRole('button', { name: 'Discard…' })).toBeDisabled()
  await expect(panel(member)).toContainText('Needs the role supervisor; yours is operator')
})

for (const colorScheme of ['light', 'dark'] as const)
  test.describe(colorScheme, () => {
    test.use({ colorScheme })

    test('the page is accessible, with an object open and with nothing to show', async ({ member, baseURL }) => {
      const { quarantineId, type } = await sendUnknown(baseURL)
      for (const address of [`/quarantine/${quarantineId}`, '/quarantine?state=REPLAYED&code=none']) {
        await member.goto(address)
        await expect(member.getByText(address.includes('none') ? 'Nothing is replayed' : type).first()).toBeVisible()
        const { violations } = await new AxeBuilder({ page: member }).analyze()
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
        ).toEqual([])
      }
    })
  })
