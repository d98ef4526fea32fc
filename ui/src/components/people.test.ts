import { expect, it } from 'vitest'
import { actorWord, hindrance, meantBy, memberWord, namesOf, personWord } from './people'

it('lets operators replay and supervisors discard', () => {
  expect(hindrance('operator', 'operator')).toBeUndefined()
  expect(hindrance('admin', 'supervisor')).toBeUndefined()
  expect(hindrance('operator', 'supervisor')).toBe('Needs the role supervisor; yours is operator')
  for (const role of ['viewer', undefined, null, 'stranger']) expect(hindrance(role, 'operator')).toBeDefined()
})

const me = { name: 'Ana', id: 'ana', role: 'operator' }
const names = namesOf([
  { memberId: 'ana', name: 'Ana', role: 'operator', assignable: true },
  { memberId: 'bo-lee-2', name: 'Bo Lee', role: 'viewer', assignable: false },
])

it('names members, the caller as you, and what acts by itself as what it is', () => {
  expect(personWord('Ana', me)).toBe('you')
  expect(personWord('bo lee', me)).toBe('bo lee')
  expect(personWord('Systems desk', me)).toBe('Systems desk')
  expect(personWord('source:Till: two', me)).toBe('Till: two (source)')
  expect(personWord('cli:root', me)).toBe('root (command line)')
  expect(personWord('system:clock', me)).toBe('the clock')
  expect(personWord('system', me)).toBe('the system')
})

it('shows ids of members as their names, and an id nobody has as it is', () => {
  expect(actorWord('member:ana', names, me)).toBe('you')
  expect(actorWord('member:bo-lee-2', names, me)).toBe('Bo Lee')
  expect(actorWord('member:gone', names, me)).toBe('gone')
  expect(actorWord('source:Till', names, me)).toBe('Till (source)')
  expect(memberWord('bo-lee-2', names)).toBe('Bo Lee')
  // A display name that is somebody else's id is not theirs.
  expect(personWord('ana', { ...me, name: 'Ana Silva' })).toBe('ana')
})

it('says whom the data of events mean', () => {
  expect(meantBy(names, 'bo-lee-2', 'owner')).toBe('Bo Lee')
  expect(meantBy(names, 'bo-lee-2', 'reason')).toBeUndefined()
  expect(meantBy(names, 'member:bo-lee-2', 'sentBy')).toBe('Bo Lee')
  expect(meantBy(names, 'gone', 'memberId')).toBeUndefined()
})
