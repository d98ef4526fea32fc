// What was sent is shown and copied with every digit.
import { expect, panel, tenant, test, withKey } from './desk'

const mark = () => Math.random().toString(36).slice(2, 10).toUpperCase()

/** Texts that JSON.parse does not keep: a long id, zeros behind the point, an exponent, a minus, and names that are numbers. */
const payload = (account: string) =>
  `{"accountId": "${account}", "currency": "EUR", "tradeId": 77014103211118510720, "difference": 1.0, ` +
  `"actualBalance": 92233720368547758.07, "odd": {"10": 1e0, "9": -0}}`

const printed = (account: string) => `{
  "accountId": "${account}",
  "currency": "EUR",
  "tradeId": 77014103211118510720,
  "difference": 1.0,
  "actualBalance": 92233720368547758.07,
  "odd": {
    "10": 1e0,
    "9": -0
  }
}`

test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

test('numbers of a payload are shown and copied as they were sent', async ({ member: page, baseURL }) => {
  const account = `ACC-${mark()}`
  const exception = `"sourceSystem": "SettlementSystem", "exceptionType": "CASH_BREAK", "rawPayload": ${payload(account)}`
  const system = await withKey(baseURL)
  const answer = await system.post(`/v1/tenants/${tenant}/exceptions`, {
    headers: { 'Content-Type': 'application/json' },
    data: Buffer.from(
      `{"exception": {${exception}, "normalizedContext": {"rate": 1.10}, "batch": 20261128000000000001}}`,
    ),
  })
  expect(answer.status(), await answer.text()).toBe(202)
  const { exceptionId } = (await answer.json()) as { exceptionId: string }

  await page.goto(`/desk/exceptions/${exceptionId}`)
  const raw = panel(page).getByRole('region', { name: 'Raw data' })
  const leaf = (text: string) => raw.getByText(text, { exact: true })
  await expect(leaf('77014103211118510720')).toBeVisible()
  for (const text of ['1.0', '92233720368547758.07', '1e0', '-0']) await expect(leaf(text)).toBeVisible()
  const text = await raw.innerText()
  expect(text.indexOf('10:'), 'members stay in their order').toBeLessThan(text.indexOf('9:'))
  await raw.getByRole('button', { name: 'Copy payload' }).click()
  await expect(raw.getByText('Copied')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(printed(account))
  await raw.getByText('Context', { exact: true }).click()
  await expect(leaf('1.10')).toBeVisible()
  await raw.getByText('Envelope', { exact: true }).click()
  await expect(leaf('20261128000000000001')).toBeVisible()

  const broke = panel(page).getByRole('region', { name: 'What broke' })
  await broke.getByRole('link', { name: /92,233,720,368,547,758\.07/ }).click()
  await expect(page).toHaveURL(/field\.actualBalance=92233720368547758\.07$/)
  await expect(page.locator(`[data-exception="${exceptionId}"]`)).toBeVisible()
})

test('numbers of a refused object are shown and copied as they were sent', async ({ member: page, baseURL }) => {
  const account = `ACC-${mark()}`
  const system = await withKey(baseURL)
  const answer = await system.post(`/v1/tenants/${tenant}/exceptions`, {
    headers: { 'Content-Type': 'application/json' },
    data: Buffer.from(
      `{"exception": {"sourceSystem": "SettlementSystem", "exceptionType": "NOBODY_KNOWS", "rawPayload": ${payload(account)}}}`,
    ),
  })
  expect(answer.status()).toBe(422)
  const { quarantineId } = (await answer.json()) as { quarantineId: string }
  await page.goto(`/quarantine/${quarantineId}`)
  const sent = page.getByRole('region', { name: 'What was sent' })
  const indented = printed(account).replaceAll('\n', '\n  ')
  await expect(sent).toContainText(`"rawPayload": ${indented}`, { useInnerText: true })
  await sent.getByRole('button', { name: 'Copy what was sent' }).click()
  await expect(sent.getByText('Copied')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`"rawPayload": ${indented}`)
  await page.getByRole('button', { name: 'Replay', exact: true }).click()
  await expect(page.getByText('It is still refused')).toBeVisible()
  await expect(sent, 'also of the answer to a decision').toContainText('77014103211118510720')
})
