import { beforeEach, expect, it } from 'vitest'
import { dropDraft, hasDraft, keepDraft, takeDraft, type Draft } from './drafts'

const draft: Draft = {
  tenantId: 'T-1',
  person: 'ann',
  exceptionId: 'E-1',
  verb: 'comment',
  values: { text: 'Half a sen' },
}

beforeEach(dropDraft)

it('is kept for who wrote it, once', () => {
  keepDraft(draft)
  expect(takeDraft('T-1', 'ann')).toEqual(draft)
  expect(takeDraft('T-1', 'ann')).toBeUndefined()
})

it('is nobody else’s, and gone when somebody else came', () => {
  for (const [tenantId, person] of [
    ['T-1', 'bo'],
    ['T-2', 'ann'],
  ] as const) {
    keepDraft(draft)
    expect(takeDraft(tenantId, person)).toBeUndefined()
    expect(takeDraft('T-1', 'ann')).toBeUndefined()
  }
})

it('is nothing where nothing was written', () => {
  keepDraft(draft)
  keepDraft({ ...draft, values: { text: ' ' } })
  expect(hasDraft()).toBe(false)
})
