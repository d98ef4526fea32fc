import { expect, openDesk, rows, send, test } from './desk'

test('a new exception comes by itself while nothing is open', async ({ member, baseURL }) => {
  await openDesk(member)
  await expect(member.getByText('live', { exact: true })).toBeVisible()
  const id = await send(baseURL)
  await expect(member.locator(`[data-exception="${id}"]`)).toBeVisible()
})

test('new exceptions wait for the key while one is open', async ({ member, baseURL }) => {
  await openDesk(member)
  await rows(member).nth(1).click()
  await expect(member.getByText('live', { exact: true })).toBeVisible()
  const id = await send(baseURL)
  await expect(member.getByRole('button', { name: /^1 new/ })).toBeVisible()
  await expect(member.locator(`[data-exception="${id}"]`)).toBeHidden()
  await member.keyboard.press('.')
  await expect(member.locator(`[data-exception="${id}"]`)).toBeVisible()
  await expect(member.getByRole('button', { name: /new · press \./ })).toBeHidden()
})

test('a lost line is said, comes back and catches up', async ({ member, baseURL }) => {
  await openDesk(member)
  await member.route('**/live', (route) => route.abort())
  await member.reload()
  await expect(member.getByText('connection lost, reconnecting…')).toBeVisible()
  const id = await send(baseURL)
  await member.unroute('**/live')
  await expect(member.getByText('live', { exact: true })).toBeVisible({ timeout: 20_000 })
  await expect(member.locator(`[data-exception="${id}"]`)).toBeVisible()
})
