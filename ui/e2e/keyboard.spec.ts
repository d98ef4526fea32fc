import { expect, idsOf, openDesk, panel, rows, test } from './desk'

test('j and k move, Enter opens, Escape closes and gives the focus back', async ({ member }) => {
  await openDesk(member)
  const ids = await idsOf(member)
  await member.keyboard.press('j')
  await member.keyboard.press('j')
  await member.keyboard.press('ArrowDown')
  await expect(rows(member).nth(2)).toBeFocused()
  await member.keyboard.press('k')
  await expect(rows(member).nth(1)).toBeFocused()

  await member.keyboard.press('Enter')
  await expect(member).toHaveURL(new RegExp(`/desk/exceptions/${ids[1]}`))
  await expect(panel(member).getByRole('heading', { name: 'Why we think so' })).toBeVisible()

  await member.keyboard.press('j')
  await expect(member).toHaveURL(new RegExp(`/desk/exceptions/${ids[2]}`))
  await member.keyboard.press('Escape')
  await expect(panel(member)).toBeHidden()
  await expect(rows(member).nth(2)).toBeFocused()
})

test('? shows every key and Escape leaves the help', async ({ member }) => {
  await openDesk(member)
  await member.keyboard.press('?')
  const help = member.getByRole('dialog', { name: 'Keys' })
  await expect(help).toContainText('next exception')
  await member.keyboard.press('j')
  await expect(rows(member).first()).not.toBeFocused()
  await member.keyboard.press('Escape')
  await expect(help).toBeHidden()
})

test('/ goes to the search, where keys write', async ({ member }) => {
  await openDesk(member)
  await member.keyboard.press('/')
  const search = member.getByRole('searchbox')
  await expect(search).toBeFocused()
  await member.keyboard.type('jk?')
  await expect(search).toHaveValue('jk?')
  await expect(member.getByRole('dialog')).toBeHidden()
})

test('the focus stays on its row when that is scrolled away', async ({ member }) => {
  await openDesk(member)
  await member.keyboard.press('j')
  await expect(rows(member).first()).toBeFocused()
  await member.getByRole('grid').evaluate((grid) => grid.scrollTo({ top: 5_000 }))
  await expect(rows(member).first()).toBeFocused()
  await member.keyboard.press('j')
  await expect(rows(member).nth(1)).toBeInViewport()
})
