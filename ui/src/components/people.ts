// Who is who: names of keys in words, and what a role may do.
import type { Session } from '../api/types'

/** Whoever is logged in, as owners and events name them. */
export interface Me {
  name: string
  role: string | null | undefined
}

export const meOf = (session: Session): Me => ({ name: `key:${session.keyName ?? ''}`, role: session.role })

/** A name for people: `you`, `the clock`, or the name of the key. */
export function personWord(name: string, me?: Me): string {
  if (name === me?.name) return 'you'
  if (name.startsWith('system')) return name === 'system:clock' ? 'the clock' : 'the system'
  return name.replace(/^key:/, '')
}

const roles = ['viewer', 'operator', 'supervisor', 'admin']
const strength = (role: string | null | undefined) => roles.indexOf(role ?? '')

/** Why somebody of this role cannot do it; nothing where they can. */
export const hindrance = (role: string | null | undefined, needed: string) =>
  strength(role) >= strength(needed) ? undefined : `Needs the role ${needed}; yours is ${role ?? 'none'}`
