// Every page in both themes, as a picture in docs/screens.
import { test, type Cookie, type Page } from '@playwright/test'
import { writeFileSync } from 'node:fs'
import { expect, logIn, panel, rows } from '../e2e/desk'
import { small } from './png'
import { makeWorld, type World } from './world'

const folder = new URL('../../docs/screens/', import.meta.url)
let world: World

test.beforeAll(async () => {
  world = await makeWorld()
})

/** One login per role: the audit page is to show more than logins. */
const sessions = new Map<string, Cookie[]>()

async function become(page: Page, role: Parameters<typeof logIn>[1]) {
  const known = sessions.get(role)
  if (known) return page.context().addCookies(known)
  await logIn(page, role)
  sessions.set(role, await page.context().cookies())
}

const dialog = (page: Page) => page.getByRole('dialog')

async function openException(page: Page, id: string) {
  await page.goto(`/desk/exceptions/${id}`)
  await expect(rows(page).first()).toBeVisible()
  await expect(panel(page).getByRole('heading', { name: 'What happened' })).toBeVisible()
  await expect(page.getByText('live', { exact: true })).toBeVisible()
}

/** Each picture by its name, and how to get there. */
const pictures: Record<string, (page: Page) => Promise<void>> = {
  login: async (page) => {
    await page.context().clearCookies()
    await page.goto('/login')
    await page.getByLabel('Tenant').fill('TENANT_FINANCE_001')
  },
  list: async (page) => {
    await page.goto('/desk')
    await expect(rows(page).nth(10)).toBeVisible()
    await expect(page.getByText('live', { exact: true })).toBeVisible()
  },
  desk: (page) => openException(page, world.fresh),
  exception: async (page) => {
    await openException(page, world.worked)
    await expect(panel(page).locator('[data-part]')).toHaveCount(2)
  },
  timeline: async (page) => {
    await openException(page, world.worked)
    const happened = panel(page).getByRole('region', { name: 'What happened' })
    await expect(happened.getByText('Asked their middle office for a partial', { exact: true })).toBeVisible()
    await happened.evaluate((section) => section.scrollIntoView({ block: 'end' }))
  },
  resolve: async (page) => {
    await openException(page, world.worked)
    await panel(page).getByRole('button', { name: 'Resolve' }).click()
    await dialog(page).getByLabel('Resolution').selectOption('SETTLED')
    await dialog(page).getByLabel('Root cause').selectOption('COUNTERPARTY_SHORT')
    await dialog(page).getByLabel('Note').fill('Settled in full after their loan came back')
  },
  approvals: async (page) => {
    await become(page, 'supervisor')
    await page.goto('/approvals')
    await expect(page.getByRole('listitem').filter({ hasText: 'Bank charge' })).toBeVisible()
  },
  bulk: async (page) => {
    await page.goto(`/bulk/${world.runId}`)
    await expect(page.locator('[data-item]').first()).toBeVisible()
  },
  'bulk-preview': async (page) => {
    await page.goto('/desk?type=MISMATCHED_TRADE_DETAILS&status=OPEN,IN_PROGRESS')
    await expect(page.getByRole('button', { name: /^Change all \d/ })).toBeEnabled()
    await page.keyboard.press('b')
    await dialog(page).getByLabel('Command').selectOption('Resolve')
    await dialog(page).getByLabel('How it ended').selectOption('Duplicate')
    await dialog(page).getByLabel('Why it happened').selectOption({ index: 1 })
    await dialog(page).getByRole('button', { name: 'Preview' }).click()
    await expect(dialog(page).getByText(/would be changed/)).toBeVisible()
  },
  quarantine: async (page) => {
    await become(page, 'supervisor')
    await page.goto(`/quarantine/${world.quarantineId}`)
    await expect(page.getByRole('complementary', { name: 'Refused object' })).toContainText('18400.5')
  },
  jobs: async (page) => {
    await page.goto('/jobs')
    await expect(page.getByRole('row').filter({ hasText: 'sweep' }).first()).toBeVisible()
  },
  ageing: async (page) => {
    await page.goto('/ageing')
    await expect(page.getByRole('table').locator('tbody a[aria-label]').first()).toBeVisible()
  },
  audit: async (page) => {
    await become(page, 'admin')
    await page.goto('/audit')
    await expect(page.locator('[data-event]').nth(10)).toBeVisible()
  },
  keys: async (page) => {
    await page.goto('/desk')
    await expect(rows(page).first()).toBeVisible()
    await page.keyboard.press('?')
    await expect(dialog(page)).toContainText('next exception')
  },
  'api-reference': async (page) => {
    await page.goto('/docs#listExceptions')
    await expect(page.getByRole('heading', { name: 'SentinAI' }).first()).toBeVisible()
  },
}

for (const [name, open] of Object.entries(pictures))
  for (const colorScheme of ['light', 'dark'] as const)
    test(`${name}-${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await become(page, 'operator')
      await open(page)
      await page.evaluate(() => document.fonts.ready)
      const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' })
      writeFileSync(new URL(`${name}-${colorScheme}.png`, folder), small(picture))
    })
