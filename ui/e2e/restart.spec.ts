// A server that goes away under the hand and comes back.
import { expect, openDesk, panel, send, shown, test as base } from './desk'
import { ownServer, type OwnServer } from './program'

const test = base.extend<object, { server: OwnServer }>({
  server: [
    async ({}, run) => {
      const server = await ownServer()
      await server.start()
      await run(server)
      await server.kill()
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ server }, run) => run(server.url),
})

test('a restart is seen, survived and caught up with, and nothing is done that was said not to be', async ({
  member: page,
  baseURL,
  server,
}) => {
  test.slow()
  const shared = process.env.SENTINAI_URL
  const id = await send(baseURL)
  await openDesk(page, `/desk/exceptions/${id}`)
  await expect(page.getByText('live', { exact: true })).toBeVisible()
  const claim = panel(page).getByRole('button', { name: 'Claim' })
  await expect(claim).toBeEnabled()

  await server.kill()
  await expect(page.getByText('connection lost, reconnecting…')).toBeVisible()
  await claim.click()
  const message = page.getByLabel('Messages')
  await expect(message).toContainText('Not done. It may be stopped or restarting')
  await expect(claim, 'the exception stays on the desk').toBeEnabled()
  expect((await shown(shared, id)).status).toBe('OPEN')
  const arrived = await send(shared)

  await server.start()
  await expect(page.getByText('live', { exact: true })).toBeVisible({ timeout: 25_000 })
  await expect(page.getByRole('button', { name: 'the list has changed · press .' })).toBeVisible()
  await claim.click()
  await expect(message).toContainText('Claimed: it is yours')
  expect((await shown(baseURL, id)).status).toBe('IN_PROGRESS')
  await page.keyboard.press('.')
  await expect(page.locator(`[data-exception="${arrived}"]`)).toBeVisible()
})

test('what is written in a form while the server is away is sent when it is back', async ({
  member: page,
  baseURL,
  server,
}) => {
  test.slow()
  const id = await send(baseURL)
  await page.goto(`/desk/exceptions/${id}`)
  await panel(page).getByRole('button', { name: 'Escalate' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Reason').fill('Nobody answers')
  await server.kill()
  await page.keyboard.press('Control+Enter')
  await expect(form.getByRole('alert')).toContainText('It may be stopped or restarting')
  await expect(form.getByLabel('Reason')).toHaveValue('Nobody answers')
  await server.start()
  await page.keyboard.press('Control+Enter')
  await expect(page.getByLabel('Messages')).toContainText('Escalated')
  await expect(form).toBeHidden()
})
