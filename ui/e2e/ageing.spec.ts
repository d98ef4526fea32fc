import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './desk'

test('each figure of the ageing matrix leads to a list of as many', async ({ member: page }) => {
  await page.goto('/desk')
  await page.getByRole('link', { name: 'Ageing' }).click()
  const figures = page.getByRole('table').locator('tbody a[aria-label]')
  await expect(figures.first()).toBeVisible()
  const count = Math.min(await figures.count(), 4)
  expect(count).toBeGreaterThan(0)
  for (let index = 0; index < count; index += 1) {
    const figure = figures.nth(index)
    const text = await figure.innerText()
    await figure.click()
    await expect(page).toHaveURL(/\/desk\?/)
    await expect(page.getByText(new RegExp(`^${text} exceptions?$`))).toBeVisible()
    await page.goBack()
    await expect(figures.first()).toBeVisible()
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations).toEqual([])
  }
})
