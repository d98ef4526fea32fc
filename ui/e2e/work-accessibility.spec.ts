import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { command, expect, logIn, openDesk, panel, send, test } from './desk'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

async function faultsOf(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

const asked = { command: 'resolve', resolution: 'WRITTEN_OFF', rootCause: 'CHARGE_INTEREST', note: 'Small' }

for (const colorScheme of ['light', 'dark'] as const)
  test.describe(colorScheme, () => {
    test.use({ colorScheme })

    test('an exception that waits for a second person, its menu and its timeline', async ({ member, baseURL }) => {
      test.slow()
      const id = await send(baseURL)
      await command(baseURL, 'supervisor', id, { command: 'comment', text: '# Title\n\nfor @bo: `code`, [link](/x)' })
      await command(baseURL, 'operator', id, asked)
      await member.goto(`/desk/exceptions/${id}`)
      await expect(panel(member).getByText('Asked for a second person')).toBeVisible()
      expect(await faultsOf(member)).toEqual([])
      await panel(member).getByRole('button', { name: 'More' }).click()
      await expect(member.getByRole('menuitem').first()).toBeFocused()
      expect(await faultsOf(member)).toEqual([])
    })

    test('a form with a note and a fault', async ({ member, baseURL }) => {
      const id = await send(baseURL)
      await member.goto(`/desk/exceptions/${id}`)
      await panel(member).getByRole('button', { name: 'More' }).click()
      await member.getByRole('menuitem', { name: 'Snooze' }).click()
      await member.getByLabel('Until the business day').fill('2020-01-01')
      await member.getByLabel('Reason').fill('x')
      await member.keyboard.press('Control+Enter')
      await expect(member.getByText(/lies ahead/)).toBeVisible()
      expect(await faultsOf(member)).toEqual([])
    })

    test('a message and the choice of a queue', async ({ member, baseURL }) => {
      test.slow()
      const id = await send(baseURL)
      await openDesk(member, `/desk/exceptions/${id}`)
      await panel(member).getByRole('button', { name: 'Claim' }).click()
      await expect(member.getByText('Claimed: it is yours')).toBeVisible()
      expect(await faultsOf(member)).toEqual([])
      await member.keyboard.press('n')
      await expect(member.getByRole('dialog').getByRole('button', { name: /Trade support/ })).toBeVisible()
      expect(await faultsOf(member)).toEqual([])
    })

    test('the inbox, with requests and with none', async ({ page, baseURL }) => {
      const id = await send(baseURL)
      await command(baseURL, 'operator', id, { ...asked, note: `Small ${id}` })
      await logIn(page, 'supervisor')
      await page.goto('/approvals')
      await expect(page.getByText(`Small ${id}`)).toBeVisible()
      await page.keyboard.press('j')
      expect(await faultsOf(page)).toEqual([])
      await page.goto('/approvals?state=EXPIRED')
      await expect(page.getByRole('heading', { name: 'Nothing expired' })).toBeVisible()
      expect(await faultsOf(page)).toEqual([])
    })
  })
