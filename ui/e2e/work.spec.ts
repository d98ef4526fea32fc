import type { Page } from '@playwright/test'
import { command, expect, logIn, openDesk, panel, rows, send, shown, test } from './desk'

const mark = () => Math.random().toString(36).slice(2, 10).toUpperCase()
const dialog = (page: Page) => page.getByRole('dialog')
const message = (page: Page) => page.getByLabel('Messages')

const owner = { operator: 'demo operator', supervisor: 'demo supervisor' }

test('ten exceptions are triaged with the keyboard alone', async ({ member, baseURL }) => {
  test.slow()
  const agent = `Agent ${mark()}`
  for (let at = 0; at < 10; at += 1) await send(baseURL, { agent })
  await openDesk(member, `/desk?field.agent=${encodeURIComponent(agent)}`)
  await expect(rows(member)).toHaveCount(10)
  const ids = await rows(member).evaluateAll((all) => all.map((row) => row.getAttribute('data-exception') ?? ''))
  const { keyboard } = member
  const said = (text: string | RegExp) => expect(message(member)).toContainText(text)
  /** Begins a form, and waits until it takes what is typed. */
  const form = async (key: string) => {
    await keyboard.press(key)
    await expect(dialog(member).locator('select, textarea, input').first()).toBeFocused()
  }
  const resolve = async () => {
    await form('r')
    await keyboard.type('Missing')
    await keyboard.press('Tab')
    await keyboard.type('Bank charge')
    await keyboard.press('Control+Enter')
    await said('Resolved: Missing entry booked')
  }

  for (const id of ids.slice(0, 4)) {
    await keyboard.press('j')
    await keyboard.press('c')
    await expect(member.locator(`[data-exception="${id}"]`)).toContainText('In progress')
  }
  await resolve()

  await keyboard.press('j')
  await keyboard.press('c')
  await expect(member.locator(`[data-exception="${ids[4]}"]`)).toContainText('In progress')
  await form('w')
  await keyboard.type('Client')
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  await keyboard.press('Control+Enter')
  await said('Waiting for Client')

  await keyboard.press('j')
  await form('e')
  await keyboard.type('Nobody here knows this agent')
  await keyboard.press('Control+Enter')
  await said('Escalated')

  await keyboard.press('j')
  await form('a')
  await keyboard.type('demo supervisor')
  await keyboard.press('Control+Enter')
  await said('Assigned to demo supervisor')

  await keyboard.press('j')
  await form('m')
  await keyboard.type('Looks like the one of @demo supervisor')
  await keyboard.press('Control+Enter')
  await said('Comment added')

  await keyboard.press('j')
  await keyboard.press('c')
  await said('Claimed')
  await keyboard.press('u')
  await said('Undone')

  await keyboard.press('j')
  await resolve()

  const now = await Promise.all(ids.map((id) => shown(baseURL, id)))
  expect(now.map(({ status }) => status)).toEqual([
    ...['IN_PROGRESS', 'IN_PROGRESS', 'IN_PROGRESS', 'RESOLVED', 'WAITING'],
    ...['OPEN', 'OPEN', 'OPEN', 'OPEN', 'RESOLVED'],
  ])
  expect(now.map((exception) => exception.owner)).toEqual([
    ...[owner.operator, owner.operator, owner.operator, owner.operator, owner.operator],
    ...[null, owner.supervisor, null, null, owner.operator],
  ])
})

test('writing off is asked for by one and granted by another', async ({ member, browser, baseURL }) => {
  const id = await send(baseURL)
  await member.goto(`/desk/exceptions/${id}`)
  await panel(member).getByRole('button', { name: 'Resolve' }).click()
  await dialog(member).getByLabel('Resolution').selectOption({ label: 'Written off with approval' })
  await expect(dialog(member)).toContainText('A second person has to allow this. Giving up money is decided by two.')
  await dialog(member).getByLabel('Root cause').selectOption({ index: 1 })
  await dialog(member).getByLabel('Note').fill(`Not worth recovering ${id}`)
  await dialog(member).getByRole('button', { name: 'Resolve' }).click()
  await expect(message(member)).toContainText('They are asked')
  const request = panel(member).getByRole('region', { name: 'Waits for a second person' })
  await expect(request).toContainText('Somebody else must decide')
  await member.goto('/approvals')
  await expect(member.getByRole('listitem').filter({ hasText: id })).toContainText('Your own request')

  const context = await browser.newContext({ baseURL })
  const other = await context.newPage()
  await logIn(other, 'supervisor')
  await other.goto('/approvals')
  await expect(other.getByRole('link', { name: /Approvals.*wait for your decision/ })).toBeVisible()
  const card = other.getByRole('listitem').filter({ hasText: id })
  await expect(card).toContainText('Status Unresolved → Resolved as Written off')
  await expect(card).toContainText('184,220.15 at stake')
  await expect(card).toContainText('Asked by demo operator')
  await card.getByRole('link').focus()
  await other.keyboard.press('g')
  await dialog(other).getByLabel('Note').fill('Agreed')
  await other.keyboard.press('Control+Enter')
  await expect(message(other)).toContainText('Granted')
  await expect(card).toBeHidden()
  expect((await shown(baseURL, id)).status).toBe('RESOLVED')
  await context.close()

  await member.goto(`/desk/exceptions/${id}`)
  await expect(panel(member)).toContainText('Resolved as Written off with approval')
  await expect(panel(member).getByRole('button', { name: 'Reopen' })).toBeVisible()
  await expect(panel(member).locator('summary', { hasText: 'Granted' })).toContainText('demo supervisor')
})

test('what was refused goes back to work with the reason', async ({ page, baseURL }) => {
  const id = await send(baseURL)
  const note = `Not worth it ${id}`
  const asked = { command: 'resolve', resolution: 'WRITTEN_OFF', rootCause: 'CHARGE_INTEREST', note }
  await command(baseURL, 'operator', id, asked)
  await logIn(page, 'supervisor')
  await page.goto('/approvals')
  const card = page.getByRole('listitem').filter({ hasText: id })
  await card.getByRole('button', { name: 'Refuse' }).click()
  await dialog(page).getByLabel('Reason').fill('Ask the agent first')
  await dialog(page).getByRole('button', { name: 'Refuse' }).click()
  await expect(card).toBeHidden()
  await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: 'Refused' }).click()
  await expect(page).toHaveURL(/\/approvals\?state=REFUSED$/)
  await expect(page.getByRole('listitem').filter({ hasText: id })).toContainText('Ask the agent first')
  expect((await shown(baseURL, id)).status).toBe('OPEN')
})

test('who decides on what has changed is told, and keeps what they wrote', async ({ member, baseURL }) => {
  const id = await send(baseURL)
  await member.goto(`/desk/exceptions/${id}`)
  await panel(member).getByRole('button', { name: 'Resolve' }).click()
  await dialog(member).getByLabel('Resolution').selectOption('BOOKED')
  await dialog(member).getByLabel('Root cause').selectOption({ index: 1 })
  await dialog(member).getByLabel('Note').fill('What I wrote')
  await command(baseURL, 'supervisor', id, { command: 'changeSeverity', severity: 'CRITICAL', reason: 'Client money' })
  await member.keyboard.press('Control+Enter')
  await expect(dialog(member).getByRole('alert')).toContainText(/changed meanwhile \(severity .* → Critical/)
  await expect(dialog(member).getByLabel('Note')).toHaveValue('What I wrote')
  expect((await shown(baseURL, id)).status).toBe('OPEN')
  await member.keyboard.press('Control+Enter')
  await expect(message(member)).toContainText('Resolved: Missing entry booked')
})

test('a refused command says why, beside the field it is about', async ({ member, baseURL }) => {
  const id = await send(baseURL)
  await member.goto(`/desk/exceptions/${id}`)
  const more = async (name: string) => {
    await panel(member).getByRole('button', { name: 'More' }).click()
    await member.getByRole('menuitem', { name }).click()
  }
  await more('Link to a whole')
  await dialog(member).getByLabel('Id of the exception').fill(id)
  await member.keyboard.press('Enter')
  await expect(dialog(member).getByRole('alert')).toContainText('it cannot be a part of itself')
  await dialog(member).getByLabel('Id of the exception').fill('NO-SUCH-1')
  await member.keyboard.press('Enter')
  await expect(dialog(member).getByLabel('Id of the exception')).toHaveAccessibleDescription(
    'there is no exception NO-SUCH-1',
  )
  await member.keyboard.press('Escape')

  await more('Snooze')
  await dialog(member).getByLabel('Until the business day').fill('2020-01-01')
  await dialog(member).getByLabel('Reason').fill('Next week')
  await member.keyboard.press('Control+Enter')
  await expect(dialog(member).getByLabel('Until the business day')).toHaveAccessibleDescription(/lies ahead/)
  await expect(dialog(member).getByLabel('Reason')).toHaveValue('Next week')
})

test('a key that the status does not know says what can be done', async ({ member, baseURL }) => {
  const id = await send(baseURL)
  await openDesk(member, `/desk/exceptions/${id}`)
  await expect(panel(member).getByRole('button', { name: 'Claim' })).toBeVisible()
  await member.keyboard.press('w')
  await expect(message(member)).toContainText('Not now: its status is Open. What can be done: claim')
})

test("what is somebody else's stays theirs", async ({ member, baseURL }) => {
  const id = await send(baseURL)
  await command(baseURL, 'supervisor', id, { command: 'claim' })
  await member.goto(`/desk/exceptions/${id}`)
  await expect(panel(member).getByRole('button', { name: 'Resolve' })).toBeDisabled()
  await expect(panel(member)).toContainText('demo supervisor')
  await member.keyboard.press('r')
  await expect(message(member)).toContainText('demo supervisor works on it: ask them, or a supervisor')
})

test('steps are done with evidence or skipped with a reason', async ({ member, baseURL }) => {
  const id = await send(baseURL)
  await member.goto(`/desk/exceptions/${id}`)
  await panel(member).getByRole('button', { name: /^Done/ }).first().click()
  await dialog(member).getByRole('textbox').fill('Statement 12, line 3')
  await member.keyboard.press('Control+Enter')
  await expect(panel(member)).toContainText('Statement 12, line 3')
  await panel(member).getByRole('button', { name: /^Skip/ }).first().click()
  await dialog(member).getByLabel('Reason').fill('Not our account')
  await member.keyboard.press('Control+Enter')
  await expect(panel(member).getByText(/^Skipped by you/)).toContainText('Not our account')
})

test('comments are Markdown without HTML and images', async ({ member, baseURL }) => {
  const id = await send(baseURL)
  const text = '**Bold** <script>window.evil = 1</script> ![x](https://elsewhere.example/x.png) for @demo supervisor'
  await command(baseURL, 'supervisor', id, { command: 'comment', text })
  await member.goto(`/desk/exceptions/${id}`)
  const happened = panel(member).getByRole('region', { name: 'What happened' })
  await expect(happened.getByText('Bold', { exact: true })).toHaveCSS('font-weight', '700')
  await expect(happened.locator('[data-mention]')).toHaveText('@demo supervisor')
  await expect(happened.locator('img, script')).toHaveCount(0)
})

test('n claims the most urgent of a queue and opens it', async ({ member, baseURL }) => {
  await send(baseURL)
  await openDesk(member)
  await member.keyboard.press('n')
  await expect(dialog(member)).toContainText('Recs international')
  await expect(dialog(member).getByRole('button', { name: /Trade support/ })).toBeFocused()
  await member.keyboard.press('5')
  await expect(message(member)).toContainText('Claimed from Recs international')
  await expect(panel(member).getByText('You', { exact: true })).toBeVisible()
  const id = new URL(member.url()).pathname.split('/').at(-1) ?? ''
  expect((await shown(baseURL, id)).owner).toBe(owner.operator)
  await member.keyboard.press('u')
  await expect(message(member)).toContainText('Undone')
  await expect(panel(member).getByText('Nobody', { exact: true })).toBeVisible()
  expect((await shown(baseURL, id)).owner).toBeNull()
})

test('n with one queue chosen asks nothing', async ({ member, baseURL }) => {
  await send(baseURL)
  await openDesk(member, '/desk?queue=recs-intl')
  await member.getByRole('button', { name: 'Next' }).click()
  await expect(message(member)).toContainText('Claimed from Recs international')
  await member.keyboard.press('u')
  await expect(message(member)).toContainText('Undone')
})
