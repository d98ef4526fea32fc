// `npm run dev`: the desk from its sources, on a port of its own, on a server that takes it for its own pages.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, keyOf, panel, send, shown, tenant, test as base } from './desk'
import { freePort } from './program'

const test = base.extend<object, { desk: string }>({
  desk: [
    async ({}, run) => {
      // 5173 unless it is taken here; which one it is makes no difference to the rules.
      const port = String(await freePort(5173))
      const env = { ...process.env, SENTINAI_API: process.env.SENTINAI_URL }
      const vite = spawn('npm', ['run', 'dev', '--', '--port', port], { env, stdio: 'ignore', detached: true })
      const url = `http://localhost:${port}`
      const answers = () =>
        fetch(url).then(
          ({ ok }) => ok,
          () => false,
        )
      await expect.poll(answers, { message: `${url} answers`, timeout: 30_000 }).toBe(true)
      await run(url)
      // npm starts a shell that starts Vite: all of them are one group.
      if (vite.pid) process.kill(-vite.pid)
      await once(vite, 'exit')
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: async ({ desk }, run) => run(desk),
})

test('the desk under development logs in, works an exception and hears of others', async ({ page }) => {
  test.slow()
  const server = process.env.SENTINAI_URL
  const id = await send(server)
  await page.goto('/login')
  await page.getByLabel('Tenant').fill(tenant)
  await page.getByLabel('API key').fill(keyOf(tenant, 'operator'))
  // The first visit compiles the sources.
  await page.getByRole('button', { name: 'Log in' }).click({ timeout: 30_000 })
  await expect(page).toHaveURL(/\/desk$/)
  await page.goto(`/desk/exceptions/${id}`)
  await panel(page).getByRole('button', { name: 'Claim' }).click()
  await expect(page.getByLabel('Messages')).toContainText('Claimed: it is yours')
  expect((await shown(server, id)).status).toBe('IN_PROGRESS')
  await expect(page.getByText('live', { exact: true })).toBeVisible()
})

test('a page of another origin gets nothing through it', async ({ page, desk }) => {
  const login = { tenantId: tenant, key: keyOf(tenant, 'operator') }
  const own = await page.request.post('/v1/session', { data: login, headers: { Origin: desk } })
  expect(own.status()).toBe(200)
  const comment = { command: 'comment', text: 'x' }
  const id = await send(process.env.SENTINAI_URL)
  const path = `/v1/tenants/${tenant}/exceptions/${id}/commands`
  const foreign = await page.request.post(path, { data: comment, headers: { Origin: 'http://localhost:5999' } })
  expect(foreign.status()).toBe(403)
  const again = await page.request.post(path, { data: comment, headers: { Origin: desk } })
  expect(again.status(), await again.text()).toBe(200)
})
