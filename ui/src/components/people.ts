// Who is who: names of members in words, and what a role may do.
import type { Person, Session } from '../api/types'

/** Whoever is logged in: the name that owners and actors have, and the id that the data of events has. */
export interface Me {
  name: string
  id?: string
  role: string | null | undefined
}

export const meOf = (session: Session): Me => ({
  name: session.name ?? '',
  id: session.memberId ?? undefined,
  role: session.role,
})

/** Display names of the members by id. */
export type Names = ReadonlyMap<string, string>

export const namesOf = (people: readonly Person[]): Names =>
  new Map(people.map(({ memberId, name }) => [memberId, name]))

/** Who an answer names, for people: `you`, the display name of a member, or what acted. No display name begins like the others. */
export function personWord(name: string, me?: Me): string {
  if (name === me?.name) return 'you'
  const [, kind, rest = ''] = /^(source|cli|system):(.*)$/s.exec(name) ?? []
  if (kind === 'source') return `${rest} (source)`
  if (kind === 'cli') return `${rest} (command line)`
  if (name === 'system:clock') return 'the clock'
  return kind === 'system' || name === 'system' ? 'the system' : name
}

/** Who the data of an event names by id. */
export const memberWord = (memberId: string, names: Names, me?: Me): string =>
  memberId === me?.id ? 'you' : (names.get(memberId) ?? memberId)

/** Who an event is by: `member:` and an id, or what acted. */
export const actorWord = (actor: string, names: Names, me?: Me): string =>
  actor.startsWith('member:') ? memberWord(actor.slice('member:'.length), names, me) : personWord(actor, me)

/** Members of an event's data that hold bare ids of members. */
const idMembers = new Set(['owner', 'memberId'])

/** Whom a value in the data of an event means; nothing where it is no id or says it itself. */
export function meantBy(names: Names, value: string, name: string | undefined): string | undefined {
  const word = name && idMembers.has(name) ? memberWord(value, names) : actorWord(value, names)
  return word === value ? undefined : word
}

const roles = ['viewer', 'operator', 'supervisor', 'admin']
const strength = (role: string | null | undefined) => roles.indexOf(role ?? '')

/** Why somebody of this role cannot do it; nothing where they can. */
export const hindrance = (role: string | null | undefined, needed: string) =>
  strength(role) >= strength(needed) ? undefined : `Needs the role ${needed}; yours is ${role ?? 'none'}`
