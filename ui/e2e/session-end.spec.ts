// A session that ends while somebody is writing.
import type { Page } from '@playwright/test'
import { expect, keyOf, logIn as logInBeside, openDesk, otherTenant, panel, send, tenant, test } from './desk'
import { sentinai } from './program'

const dialog = (page: Page) => page.getByRole('dialog')
const message = (page: Page) => page.getByLabel('Messages')

async function logIn(page: Page, key: string) {
  await page.getByLabel('Tenant').fill(tenant)
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Log in' }).click()
}

async function write(page: Page, exceptionId: string, text: string) {
  await page.goto(`/desk/exceptions/${exceptionId}`)
  await panel(page).getByRole('button', { name: 'Escalate' }).click()
  await dialog(page).getByLabel('Reason').fill(text)
}

async function logOutInAnotherTab(page: Page) {
  const other = await page.context().newPage()
  await openDesk(other)
  await other.getByRole('button', { name: 'Log out' }).click()
  await expect(other).toHaveURL(/\/login$/)
  await other.close()
}

test('what was being written waits behind the login, for who wrote it', async ({ member: page, baseURL }) => {
  const id = await send(baseURL)
  await write(page, id, 'The agent does not answer')
  await logOutInAnotherTab(page)
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText('Your session has ended')).toBeVisible()
  await expect(page.getByText('What you were writing is kept')).toBeVisible()

  await logIn(page, keyOf(tenant, 'operator'))
  await expect(page).toHaveURL(new RegExp(`/desk/exceptions/${id}$`))
  await expect(dialog(page)).toContainText('It has not been sent')
  await expect(dialog(page).getByLabel('Reason')).toHaveValue('The agent does not answer')
  await expect(panel(page).getByText('Escalated once')).toBeHidden()
  await page.keyboard.press('Control+Enter')
  await expect(message(page)).toContainText('Escalated')
  await expect(panel(page).getByText('Escalated once')).toBeVisible()
})

test('a revoked key closes the desk by itself, and the next person sees nothing of what was written', async ({
  page,
  baseURL,
}) => {
  test.slow()
  const id = await send(baseURL)
  const made = sentinai('key', 'create', '--tenant', tenant, '--role', 'operator', '--name', 'e2e leaver')
  const key = /snt_[\w-]+/.exec(made)?.[0] ?? ''
  await page.goto('/login')
  await logIn(page, key)
  await expect(page).toHaveURL(/\/desk$/)
  await write(page, id, 'Between us')
  // The public name of a key is how it begins.
  const listed = sentinai('key', 'list', '--tenant', tenant).split(/\s+/)
  sentinai('key', 'revoke', listed.find((word) => word.startsWith('snt_') && key.startsWith(word)) ?? '')
  // Nothing else happens: the server looks at who listens every 15 seconds.
  await expect(page.getByText('Your session has ended')).toBeVisible({ timeout: 25_000 })

  await logIn(page, keyOf(tenant, 'operator'))
  await expect(page).toHaveURL(new RegExp(`/desk/exceptions/${id}$`))
  await expect(panel(page).getByRole('button', { name: 'Escalate' })).toBeVisible()
  await expect(dialog(page)).toBeHidden()
  await expect(page.getByText('Between us')).toHaveCount(0)
})

test('a suspended tenant closes the desk by itself and says so', async ({ page }) => {
  test.slow()
  const asked: string[] = []
  await logInBeside(page, 'operator', otherTenant)
  await openDesk(page)
  await expect(page.getByText('live', { exact: true })).toBeVisible()
  sentinai('tenant', 'suspend', otherTenant)
  try {
    // The server looks at who listens every 15 seconds.
    await expect(page.getByText('The tenant is suspended')).toBeVisible({ timeout: 25_000 })
    await expect(page).toHaveURL(/\/login\?next=%2Fdesk&ended=suspended$/)
    page.on('request', (sent) => asked.push(sent.url()))
    await page.waitForTimeout(3_000)
    expect(asked, 'nobody knocks again').toEqual([])
  } finally {
    sentinai('tenant', 'resume', otherTenant)
  }
})

test('a command that came too late is said not to be done', async ({ member: page, baseURL }) => {
  const id = await send(baseURL)
  await page.goto(`/desk/exceptions/${id}`)
  const claim = panel(page).getByRole('button', { name: 'Claim' })
  await expect(claim).toBeEnabled()
  await page.context().clearCookies()
  await claim.click()
  await expect(page.getByText('What you did last was not done')).toBeVisible()
  await logIn(page, keyOf(tenant, 'operator'))
  await expect(page).toHaveURL(new RegExp(`/desk/exceptions/${id}$`))
  await expect(claim).toBeEnabled()
})

test('what was typed and cannot be kept is said to be lost', async ({ member: page, baseURL }) => {
  await openDesk(page)
  await page.keyboard.press('b')
  await dialog(page).getByLabel('Command').selectOption('Comment')
  await dialog(page).getByRole('textbox', { name: 'Comment' }).fill('The same for all')
  await logOutInAnotherTab(page)
  await expect
    .poll(async () => {
      await send(baseURL)
      return page.getByText('What you had typed is lost').isVisible()
    })
    .toBe(true)
})
