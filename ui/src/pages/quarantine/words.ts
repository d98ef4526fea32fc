// The quarantine in words for people.
import type { QuarantineEntry, QuarantineState } from '../../api/types'

export const stateWords: Record<QuarantineState, string> = {
  HELD: 'Held',
  REPLAYED: 'Replayed',
  DISCARDED: 'Discarded',
}

/** The first reason, and how many more there are. */
export function reasonLine({ errors }: Pick<QuarantineEntry, 'errors'>): string {
  const [first, ...rest] = errors
  if (!first) return ''
  return rest.length > 0 ? `${first.message} (and ${rest.length} more)` : first.message
}

export const outcomeLine = ({ replayed, stillRejected }: { replayed: number; stillRejected: number }) =>
  `${replayed.toLocaleString('en-US')} replayed, ${stillRejected.toLocaleString('en-US')} still refused`
