import { expect, keyOf, rows, tenant, test } from './desk'

test('a wrong key is said clearly, with what to do', async ({ page }) => {
  await page.goto('/login')
  await page.getByLabel('Tenant').fill(tenant)
  await page.getByLabel('API key').fill('not-a-key')
  await page.getByRole('button', { name: 'Log in' }).click()
  const alert = page.getByRole('alert')
  await expect(alert).toContainText('Tenant and key do not match')
  await expect(alert).toContainText('.sentinai/credentials.json')
  await expect(page).toHaveURL(/\/login/)
})

test('login leads to the seeded desk', async ({ page }) => {
  await page.goto('/')
  await expect(page).toHaveURL(/\/login/)
  await page.getByLabel('Tenant').fill(tenant)
  await page.getByLabel('API key').fill(keyOf(tenant, 'supervisor'))
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page).toHaveURL(/\/desk$/)
  await expect(rows(page).nth(10)).toBeVisible()
  await expect(page.getByText('Role supervisor')).toBeVisible()
})

test('login leads back to the link that asked for it', async ({ page }) => {
  await page.goto('/desk?severity=HIGH&sort=due')
  await expect(page).toHaveURL(/\/login\?next=/)
  await page.getByLabel('Tenant').fill(tenant)
  await page.getByLabel('API key').fill(keyOf(tenant, 'viewer'))
  await page.getByLabel('API key').press('Enter')
  await expect(page).toHaveURL(/\/desk\?severity=HIGH&sort=due$/)
})

test('the key can be looked at while it is typed', async ({ page }) => {
  await page.goto('/login')
  const key = page.getByLabel('API key')
  await expect(key).toHaveAttribute('type', 'password')
  await page.getByRole('button', { name: 'Show the key' }).click()
  await expect(key).toHaveAttribute('type', 'text')
})

test('no script can read a key or a session', async ({ page }) => {
  const key = keyOf(tenant, 'operator')
  await page.goto('/login')
  await page.getByLabel('Tenant').fill(tenant)
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(rows(page).first()).toBeVisible()
  await page.getByRole('button', { name: /^Theme/ }).click()
  const kept = await page.evaluate(() => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    cookies: document.cookie,
    all: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
  }))
  expect(kept.all).not.toContain(key)
  expect(kept.local).toEqual(['sentinai.theme'])
  expect(kept.session).toEqual([])
  expect(kept.cookies).toBe('')
})

test('after logging out the desk is closed', async ({ member }) => {
  await member.goto('/desk')
  await member.getByRole('button', { name: 'Log out' }).click()
  await expect(member).toHaveURL(/\/login$/)
  await member.goto('/desk')
  await expect(member).toHaveURL(/\/login\?next=/)
})

test('a session that ends under the hand leads to the login and back', async ({ member, context }) => {
  await member.goto('/desk?sort=due')
  await expect(rows(member).first()).toBeVisible()
  await context.clearCookies()
  await member.getByRole('checkbox', { name: /^High/ }).click()
  await expect(member.getByText('Your session has ended')).toBeVisible()
  await member.getByLabel('Tenant').fill(tenant)
  await member.getByLabel('API key').fill(keyOf(tenant, 'operator'))
  await member.getByRole('button', { name: 'Log in' }).click()
  await expect(member).toHaveURL(/\/desk\?severity=HIGH&sort=due$/)
})
