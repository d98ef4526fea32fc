import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './desk'

test('the jobs of the tenant are seen, in light and dark, and nothing bars anybody', async ({ member: page }) => {
  await page.goto('/desk')
  await page.getByRole('link', { name: 'Jobs' }).click()
  await expect(page).toHaveURL(/\/jobs$/)
  await expect(page.getByRole('row').filter({ hasText: 'sweep' }).first()).toBeVisible()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations).toEqual([])
  }
})
