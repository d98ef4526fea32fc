// People and sources go by their names, wherever events and requests have ids.
import { command, expect, logIn, panel, send, tenant, test, withKey } from './desk'

const large = 75_000_000.5

/** As its source does it, about an exception of its own. */
async function report(baseURL: string | undefined, query: string, exception: object) {
  const source = await withKey(baseURL, 'source')
  const data = { exception: { sourceSystem: 'SettlementSystem', ...exception } }
  const answer = await source.post(`/v1/tenants/${tenant}/exceptions${query}`, { data })
  expect(answer.status(), await answer.text()).toBe(202)
  await source.dispose()
}

test('a request of a source says what it reports, and who grants it is named', async ({ page, baseURL }) => {
  const id = await send(baseURL, { difference: large })
  await report(baseURL, '', { state: 'cleared', exceptionId: id })
  await logIn(page, 'supervisor')
  await page.goto('/approvals')
  const card = page.getByRole('listitem').filter({ has: page.locator(`[data-request^="${id}#"]`) })
  await expect(card).toContainText('Source reports cleared. Status Unresolved → Resolved as cleared by its source')
  await expect(card).toContainText('75,000,000.50 at stake')
  await expect(card).toContainText('Asked by SettlementSystem (source)')
  await card.getByRole('link').click()
  const request = panel(page).getByRole('region', { name: 'Waits for a second person' })
  await expect(request).toContainText('Source reports cleared. Status Unresolved → Resolved as cleared by its source')
  await expect(request).toContainText('SettlementSystem (source) asked at')
  const asked = panel(page).locator('summary', { hasText: 'Source reports cleared' })
  await expect(asked).toContainText('SettlementSystem (source)')
  await request.getByRole('button', { name: 'Grant' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Grant' }).click()
  await expect(page.getByLabel('Messages')).toContainText('Granted')
  await expect(panel(page).getByRole('region', { name: 'Waits for a second person' })).toBeHidden()
})

test('a request of a source to lower the severity says from what to what', async ({ page, baseURL }) => {
  const id = await send(baseURL, { difference: large, breakKind: 'SCALE' })
  const payload = { accountId: `ACC-${id}`, currency: 'EUR', difference: 10, breakKind: 'SCALE' }
  const exception = { exceptionId: id, exceptionType: 'CASH_BREAK', rawPayload: payload }
  await report(baseURL, '?onConflict=revise', exception)
  await logIn(page, 'supervisor')
  await page.goto('/approvals')
  const card = page.getByRole('listitem').filter({ has: page.locator(`[data-request^="${id}#"]`) })
  await expect(card).toContainText('Source reports lowered. Severity Critical → High')
  await card.getByRole('link').click()
  const revised = panel(page).getByRole('listitem').filter({ hasText: 'Revised by its source' })
  await revised.locator('summary').first().click()
  await revised.locator('summary', { hasText: 'Sent before' }).click()
  await expect(revised.getByText(`difference: ${String(large)}`)).toBeVisible()
  await revised.locator('summary', { hasText: 'Sent now' }).click()
  await expect(revised.getByText('difference: 10', { exact: true })).toBeVisible()
})

test('events say members by name, also where their data have ids', async ({ page, baseURL }) => {
  const id = await send(baseURL)
  await command(baseURL, 'supervisor', id, { command: 'assign', owner: 'demo operator' })
  await logIn(page, 'admin')
  await page.goto(`/desk/exceptions/${id}`)
  const assigned = panel(page).getByRole('listitem').filter({ hasText: 'Assigned to demo operator' })
  await expect(assigned.locator('summary').first()).toContainText('demo supervisor')
  await expect(assigned.locator('summary').first()).toContainText('owner nobody → demo operator')
  await assigned.locator('summary').first().click()
  await expect(assigned.getByText('owner: "demo-operator" demo operator').first()).toBeVisible()

  await page.goto('/audit?kind=key_created')
  const created = page.locator('[data-event]').filter({ hasText: 'demo-operator' })
  await expect(created.first()).toContainText('demo operator · {')
  await page.goto('/audit?kind=assigned')
  const row = page.locator('[data-event]').filter({ has: page.locator(`a[title="${id}"]`) })
  await expect(row.getByRole('cell', { name: 'demo supervisor', exact: true })).toBeVisible()
})

test('only who can work exceptions is offered them', async ({ member: page, baseURL }) => {
  const id = await send(baseURL)
  const people = await page.request.get(`/v1/tenants/${tenant}/members`)
  const all = (await people.json()) as { name: string; assignable: boolean }[]
  const offered = all.filter(({ assignable }) => assignable).map(({ name }) => name)
  expect(offered.length).toBeLessThan(all.length)
  await page.goto(`/desk/exceptions/${id}`)
  await page.getByRole('button', { name: 'Change all' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Command').selectOption('Assign')
  const options = dialog.getByLabel('To', { exact: true }).locator('option:not([value=""])')
  await expect(options).toHaveCount(offered.length)
  expect((await options.allInnerTexts()).sort()).toEqual([...offered].sort())
})
