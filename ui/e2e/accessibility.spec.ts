import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, openDesk, rows, test } from './desk'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

async function faultsOf(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

for (const colorScheme of ['light', 'dark'] as const)
  test.describe(colorScheme, () => {
    test.use({ colorScheme })

    test('login', async ({ page }) => {
      await page.goto('/login')
      await page.getByLabel('Tenant').fill('NOBODY')
      await page.getByLabel('API key').fill('wrong')
      await page.getByRole('button', { name: 'Log in' }).click()
      await expect(page.getByRole('alert')).toBeVisible()
      expect(await faultsOf(page)).toEqual([])
    })

    test('desk', async ({ member }) => {
      await openDesk(member, '/desk?severity=HIGH,MEDIUM,CRITICAL&sort=due')
      await member.keyboard.press('j')
      expect(await faultsOf(member)).toEqual([])
    })

    test('exception', async ({ member }) => {
      await openDesk(member, '/desk?sort=due')
      await rows(member).first().click()
      await expect(member.getByRole('heading', { name: 'Raw data' })).toBeVisible()
      await member.getByText('How computed').click()
      expect(await faultsOf(member)).toEqual([])
    })

    test('help', async ({ member }) => {
      await openDesk(member)
      await member.keyboard.press('?')
      await expect(member.getByRole('dialog')).toBeVisible()
      expect(await faultsOf(member)).toEqual([])
    })

    test('nothing found', async ({ member }) => {
      await member.goto('/desk/exceptions/NO-SUCH-1?q=no-such-exception')
      await expect(member.getByRole('heading', { name: 'Exception not found' })).toBeVisible()
      expect(await faultsOf(member)).toEqual([])
    })

    test('API reference', async ({ page }) => {
      // The largest page there is.
      test.slow()
      await page.goto('/docs')
      await expect(page.getByRole('heading', { level: 3 }).first()).toBeVisible()
      expect(await faultsOf(page)).toEqual([])
    })
  })
