import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, logIn, send, test } from './desk'

const events = (page: Page) => page.locator('[data-event]')

test('an administrator sees what happened, verifies it, and follows an event to its exception', async ({
  page,
  baseURL,
}) => {
  const exceptionId = await send(baseURL)
  await logIn(page, 'admin')
  await page.goto('/desk')
  await page.getByRole('link', { name: 'Audit' }).click()
  await expect(events(page).filter({ hasText: 'logged_in' }).first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Copy head' })).toBeVisible()
  await page.getByRole('button', { name: 'Verify' }).click()
  await expect(page.getByText(/^All [\d,]+ events are sound\.$/)).toBeVisible()
  await page.getByLabel('Kind').selectOption('received')
  await expect(page).toHaveURL(/\/audit\?kind=received$/)
  await expect(events(page).filter({ hasText: 'logged_in' })).toHaveCount(0)
  await events(page).locator(`a[title="${exceptionId}"]`).click()
  await expect(page).toHaveURL(new RegExp(`/desk/exceptions/${exceptionId}`))
})

test('a supervisor reads and is told who may verify; an operator is not led here', async ({ page, member }) => {
  await member.goto('/desk')
  await expect(member.getByRole('link', { name: 'Refused' })).toBeVisible()
  await expect(member.getByRole('link', { name: 'Audit' })).toHaveCount(0)
  await member.goto('/audit')
  await expect(member.getByRole('alert')).toContainText('role supervisor')
  await logIn(page, 'supervisor')
  await page.goto('/audit')
  await expect(events(page).first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Verify' })).toBeDisabled()
})

for (const colorScheme of ['light', 'dark'] as const)
  test.describe(colorScheme, () => {
    test.use({ colorScheme })

    test('the page is accessible, with events and with none', async ({ page }) => {
      await logIn(page, 'admin')
      for (const [address, seen] of [
        ['/audit', 'Head'],
        ['/audit?kind=no-such-kind', 'No event is no-such-kind'],
      ] as const) {
        await page.goto(address)
        await expect(page.getByText(seen).first()).toBeVisible()
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
        ).toEqual([])
      }
    })
  })
