import { expect, it } from 'vitest'
import { splitMentions } from './mentions'

const mentions = (text: string, names: string[] = []) => splitMentions(text, names).filter((_, at) => at % 2 === 1)

it('finds names, also known ones with spaces', () => {
  expect(mentions('ask @bo, then @Zoë-1.')).toEqual(['@bo', '@Zoë-1'])
  expect(mentions('ask @demo supervisor now', ['demo', 'demo supervisor'])).toEqual(['@demo supervisor'])
})

it('takes no address for a mention', () => {
  expect(mentions('write to bo@bank.example or @@x')).toEqual([])
})

it('loses no text', () => {
  expect(splitMentions('a @b c', []).join('')).toBe('a @b c')
})
