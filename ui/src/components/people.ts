// Who is who: names of members in words, and what a role may do.
import type { Session } from '../api/types'

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

/** A name for people: `you`, `the clock`, or the name of the member. */
export function personWord(name: string, me?: Me): string {
  const plain = name.replace(/^(member|source|cli):/, '')
  if (me && (name === me.name || plain === me.id)) return 'you'
  if (name.startsWith('system')) return name === 'system:clock' ? 'the clock' : 'the system'
  return plain
}

const roles = ['viewer', 'operator', 'supervisor', 'admin']
const strength = (role: string | null | undefined) => roles.indexOf(role ?? '')

/** Why somebody of this role cannot do it; nothing where they can. */
export const hindrance = (role: string | null | undefined, needed: string) =>
  strength(role) >= strength(needed) ? undefined : `Needs the role ${needed}; yours is ${role ?? 'none'}`
