import { expect, idsOf, openDesk, rows, test } from './desk'

test('filter and sort live in the URL and survive a reload', async ({ member }) => {
  await openDesk(member)
  await member.getByRole('checkbox', { name: /^High/ }).check()
  await member.getByRole('button', { name: 'Due', exact: true }).click()
  await expect(member).toHaveURL(/\/desk\?severity=HIGH&sort=due$/)
  await expect(member.getByRole('columnheader', { name: 'Due' })).toHaveAttribute('aria-sort', 'ascending')
  await expect(member.getByRole('grid')).toHaveAttribute('aria-busy', 'false')
  await expect(rows(member).first()).toContainText('High')
  const before = await idsOf(member)

  await member.reload()
  await expect(rows(member).first()).toBeVisible()
  expect(await idsOf(member)).toEqual(before)
  await expect(member.getByRole('checkbox', { name: /^High/ })).toBeChecked()

  await member.getByRole('button', { name: 'Remove filter Severity' }).click()
  await expect(member).toHaveURL(/\/desk\?sort=due$/)
})

test('due sorts the most urgent first', async ({ member }) => {
  await openDesk(member, '/desk?sort=due&status=OPEN')
  const due = await member
    .locator('[data-column=due] time')
    .evaluateAll((times) => times.map((time) => Date.parse(time.getAttribute('datetime') ?? '')))
  expect(due.length).toBeGreaterThan(5)
  expect(due).toEqual([...due].sort((a, b) => a - b))
})

test('at least 18 rows show with filters and an exception open', async ({ member }) => {
  await openDesk(member)
  await rows(member).first().click()
  await expect(member.getByRole('heading', { name: 'Raw data' })).toBeVisible()
  const whole = await rows(member).evaluateAll((elements) => {
    const box = elements[0]?.closest('[role=grid]')?.getBoundingClientRect()
    return elements.filter((element) => {
      const { top, bottom } = element.getBoundingClientRect()
      return box && top >= box.top && bottom <= box.bottom
    }).length
  })
  expect(whole).toBeGreaterThanOrEqual(18)
})

test('search finds by id and leaves with Escape', async ({ member }) => {
  await openDesk(member)
  const id = (await idsOf(member))[3] ?? ''
  await member.keyboard.press('/')
  await member.keyboard.type(id)
  await expect(rows(member)).toHaveCount(1)
  await expect(rows(member)).toHaveAttribute('data-exception', id)
  await expect(member).toHaveURL(new RegExp(`q=${id}`))
  await member.keyboard.press('Escape')
  await expect(rows(member).nth(5)).toBeVisible()
})

test('nothing matching offers to clear the filters', async ({ member }) => {
  await member.goto('/desk?q=no-such-exception-anywhere')
  await expect(member.getByRole('heading', { name: 'Nothing matches these filters' })).toBeVisible()
  await member.getByRole('button', { name: 'Clear all filters' }).click()
  await expect(rows(member).first()).toBeVisible()
})

test('back and forward walk through what was looked at', async ({ member }) => {
  await openDesk(member)
  await member.getByRole('checkbox', { name: /^High/ }).check()
  await expect(member).toHaveURL(/severity=HIGH/)
  await rows(member).first().click()
  await expect(member).toHaveURL(/\/desk\/exceptions\/.+\?severity=HIGH/)
  await member.goBack()
  await expect(member).toHaveURL(/\/desk\?severity=HIGH$/)
  await member.goBack()
  await expect(member).toHaveURL(/\/desk$/)
  await expect(member.getByRole('checkbox', { name: /^High/ })).not.toBeChecked()
  await member.goForward()
  await expect(member.getByRole('checkbox', { name: /^High/ })).toBeChecked()
})

test('the grid tells readers how long it is', async ({ member }) => {
  await openDesk(member)
  const total = await member.getByText(/^[\d,]+ exceptions$/).innerText()
  const count = Number(total.replace(/\D/g, ''))
  await expect(member.getByRole('grid')).toHaveAttribute('aria-rowcount', String(count + 1))
  await expect(rows(member).first()).toHaveAttribute('aria-rowindex', '2')
  await expect(rows(member).first()).toHaveAttribute('tabindex', '0')
})
