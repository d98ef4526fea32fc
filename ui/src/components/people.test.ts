import { expect, it } from 'vitest'
import { hindrance, personWord } from './people'

it('lets operators replay and supervisors discard', () => {
  expect(hindrance('operator', 'operator')).toBeUndefined()
  expect(hindrance('admin', 'supervisor')).toBeUndefined()
  expect(hindrance('operator', 'supervisor')).toBe('Needs the role supervisor; yours is operator')
  for (const role of ['viewer', undefined, null, 'stranger']) expect(hindrance(role, 'operator')).toBeDefined()
})

it('names members, the caller as you and the clock as what it is', () => {
  const me = { name: 'Ana', id: 'ana', role: 'operator' }
  expect(personWord('Ana', me)).toBe('you')
  expect(personWord('member:ana', me)).toBe('you')
  expect(personWord('bo lee', me)).toBe('bo lee')
  expect(personWord('source:Till', me)).toBe('Till')
  expect(personWord('system:clock', me)).toBe('the clock')
  expect(personWord('system', me)).toBe('the system')
})
