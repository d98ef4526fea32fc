import { readFileSync } from 'node:fs'
import { expect, idsOf, openDesk, keyOf, otherTenant, panel, rows, send, tenant, test } from './desk'

test('an exception answers what, why, what next, by when, what happened, and shows what was sent', async ({
  member,
  baseURL,
}) => {
  const id = await send(baseURL)
  const answer = await member.request.get(`/v1/tenants/${tenant}/exceptions/${id}`)
  const detail = (await answer.json()) as {
    title: string
    reasons: { because: string }[]
    fields: { label: string; text: string }[]
    playbook: { steps: { title: string }[] }
    rawPayload: Record<string, unknown>
  }
  await member.goto(`/desk/exceptions/${id}`)
  const open = panel(member)
  await expect(open.getByRole('heading', { level: 2 })).toHaveText(detail.title)
  await expect(open.getByRole('heading', { level: 3 })).toHaveText([
    'What broke',
    'Why we think so',
    'What to do next',
    'By when',
    'What happened',
    'Raw data',
  ])
  const text = (await open.innerText()).replaceAll(/\s+/g, ' ')
  const shown = [
    ...detail.fields.flatMap(({ label, text }) => [label, text]),
    ...detail.reasons.map(({ because }) => because.replaceAll('`', '')),
    ...detail.playbook.steps.map(({ title }) => title),
  ]
  for (const words of shown) expect(text).toContain(words.replaceAll(/\s+/g, ' '))
  for (const name of Object.keys(detail.rawPayload)) expect(text).toContain(`${name}:`)
  await open.getByText('How computed').click()
  await expect(open.locator('details[open] ol li').first()).toBeVisible()
})

test('an entity leads to everything else about it', async ({ member }) => {
  await openDesk(member)
  await rows(member).first().click()
  await panel(member).locator('dd a[href*="entity="]').first().click()
  await expect(member).toHaveURL(/entity=/)
  await expect(rows(member).first()).toBeVisible()
})

test('a declared value leads to what shares it, and the export is what the list shows', async ({ member, baseURL }) => {
  const id = await send(baseURL)
  await member.goto(`/desk/exceptions/${id}`)
  await panel(member)
    .getByRole('link', { name: /EUR 1,204,880/ })
    .click()
  await expect(member).toHaveURL(/field\.expectedBalance=1204880/)
  await expect(member.getByRole('button', { name: 'Remove filter expectedBalance' })).toBeVisible()
  await expect(rows(member).and(member.locator(`[data-exception="${id}"]`))).toBeVisible()
  const shown = await idsOf(member)
  const download = member.waitForEvent('download')
  await member.getByRole('link', { name: 'NDJSON' }).click()
  const file = await (await download).path()
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { exceptionId: string }).exceptionId)).toEqual(shown)
})

test('the link of another tenant’s exception says not found', async ({ member, playwright, baseURL }) => {
  const other = await playwright.request.newContext({
    baseURL,
    extraHTTPHeaders: { 'X-API-KEY': keyOf(otherTenant, 'viewer') },
  })
  const list = await other.get(`/v1/tenants/${otherTenant}/exceptions?limit=1`)
  const { items } = (await list.json()) as { items: { exceptionId: string }[] }
  await other.dispose()
  await member.goto(`/desk/exceptions/${encodeURIComponent(items[0]?.exceptionId ?? '')}`)
  await expect(panel(member).getByRole('heading', { name: 'Exception not found' })).toBeVisible()
  await expect(rows(member).first()).toBeVisible()
})

test('a row opens in a tab of its own', async ({ member, context }) => {
  await openDesk(member)
  const [id] = await idsOf(member)
  const opened = context.waitForEvent('page')
  await rows(member)
    .first()
    .getByRole('link')
    .click({ modifiers: ['ControlOrMeta'] })
  const tab = await opened
  await expect(tab).toHaveURL(new RegExp(`/desk/exceptions/${id}`))
  await expect(tab.getByRole('heading', { name: 'Raw data' })).toBeVisible()
})
