import AxeBuilder from '@axe-core/playwright'
import { command, expect, panel, rows, send, test } from './desk'

test('a whole shows its parts and how many are open, and a part the way to its whole', async ({
  member: page,
  baseURL,
}) => {
  test.slow()
  const [whole, first, second] = [await send(baseURL), await send(baseURL), await send(baseURL)]
  await page.goto(`/desk/exceptions/${first}`)
  await panel(page).getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Link to a whole' }).click()
  await page.getByRole('dialog').getByLabel('Id of the exception').fill(whole)
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Messages')).toContainText('Linked')
  await command(baseURL, 'operator', second, { command: 'link', parent: whole })

  await panel(page).locator(`a[title="${whole}"]`).click()
  await expect(page).toHaveURL(new RegExp(`/desk/exceptions/${whole}`))
  const parts = panel(page).getByRole('region', { name: 'Parts' })
  await expect(parts).toContainText('2 of 2 open')
  await expect(parts.getByRole('listitem')).toHaveCount(2)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { violations } = await new AxeBuilder({ page }).include('[aria-label="Exception"]').analyze()
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
    ).toEqual([])
  }

  await parts.locator(`[data-part="${first}"]`).getByRole('link').click()
  await expect(page).toHaveURL(new RegExp(`/desk/exceptions/${first}`))
  await panel(page).getByRole('button', { name: 'Resolve' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Resolution').selectOption('BOOKED')
  await form.getByLabel('Root cause').selectOption({ index: 1 })
  await page.keyboard.press('Control+Enter')
  await expect(page.getByLabel('Messages')).toContainText('Resolved')

  await panel(page).locator(`a[title="${whole}"]`).click()
  await expect(parts).toContainText('1 of 2 open')
  await expect(parts.locator(`[data-part="${first}"]`)).toContainText('Resolved')
  await parts.getByRole('link', { name: 'All parts in the list' }).click()
  await expect(page).toHaveURL(new RegExp(`/desk\\?parent=${whole}$`))
  await expect(rows(page)).toHaveCount(2)
})
