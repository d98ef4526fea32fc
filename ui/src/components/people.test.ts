import { expect, it } from 'vitest'
import { hindrance, personWord } from './people'

it('lets operators replay and supervisors discard', () => {
  expect(hindrance('operator', 'operator')).toBeUndefined()
  expect(hindrance('admin', 'supervisor')).toBeUndefined()
  expect(hindrance('operator', 'supervisor')).toBe('Needs the role supervisor; yours is operator')
  for (const role of ['viewer', undefined, null, 'stranger']) expect(hindrance(role, 'operator')).toBeDefined()
})

it('names people by their keys, the caller as you and the clock as what it is', () => {
  const me = { name: 'key:ana', role: 'operator' }
  expect(personWord('key:ana', me)).toBe('you')
  expect(personWord('key:bo lee', me)).toBe('bo lee')
  expect(personWord('system:clock', me)).toBe('the clock')
  expect(personWord('system', me)).toBe('the system')
})
