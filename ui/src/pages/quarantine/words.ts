// The quarantine in words for people, and who may decide there.
import type { QuarantineEntry, QuarantineState } from '../../api/types'

export const stateWords: Record<QuarantineState, string> = {
  HELD: 'Held',
  REPLAYED: 'Replayed',
  DISCARDED: 'Discarded',
}

const roles = ['viewer', 'operator', 'supervisor', 'admin']
const strength = (role: string | null | undefined) => roles.indexOf(role ?? '')

/** Why somebody of this role cannot do it; nothing where they can. */
export const hindrance = (role: string | null | undefined, needed: 'operator' | 'supervisor') =>
  strength(role) >= strength(needed) ? undefined : `Needs the role ${needed}; yours is ${role ?? 'none'}`

/** The first reason, and how many more there are. */
export function reasonLine({ errors }: Pick<QuarantineEntry, 'errors'>): string {
  const [first, ...rest] = errors
  if (!first) return ''
  return rest.length > 0 ? `${first.message} (and ${rest.length} more)` : first.message
}

export const outcomeLine = ({ replayed, stillRefused }: { replayed: number; stillRefused: number }) =>
  `${replayed.toLocaleString('en-US')} replayed, ${stillRefused.toLocaleString('en-US')} still refused`
