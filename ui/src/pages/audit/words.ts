import type { ChainVerdict, ChainVerification } from '../../api/types'
import { dayOf, timeOfDay } from '../../ui/time'

/** Kinds that people look for; any other can be given in the address. */
const usual = [
  'received',
  'viewed',
  'exported',
  'claimed',
  'commented',
  'resolved',
  'reopened',
  'breached',
  'approval_requested',
  'approval_granted',
  'chain_verified',
  'history_seeded',
  'bulk_approval_requested',
  'bulk_started',
  'bulk_discarded',
  'logged_in',
  'login_failed',
  'access_refused',
  'key_created',
  'key_revoked',
  'pack_activated',
  'tenant_suspended',
  'tenant_resumed',
]

/** What can be chosen, with what is chosen. */
export const kinds = (chosen: string | undefined) =>
  chosen === undefined || usual.includes(chosen) ? usual : [chosen, ...usual]

/** What came of a verification, in a sentence. */
export const verdictLine = ({ ok, events, firstInvalid, problem }: Pick<ChainVerdict, 'ok' | 'events' | 'firstInvalid' | 'problem'>) =>
  ok
    ? `All ${events.toLocaleString('en-US')} events are sound.`
    : `Broken at event ${(firstInvalid ?? 0).toLocaleString('en-US')}: ${problem ?? 'unknown'}. The ${events.toLocaleString('en-US')} before it are sound.`

/** Who verified last, when, and the result. */
export const lastVerificationLine = (last: ChainVerification) =>
  last === null ? 'Never verified.' : `Last verified ${dayOf(last.at)} ${timeOfDay(last.at)} by ${last.actor}. ${verdictLine(last)}`
