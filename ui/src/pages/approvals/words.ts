// Requests for a second person in words.
import type { ApprovalState } from '../../api/types'

export const stateWords: Record<ApprovalState, string> = {
  PENDING: 'Waiting',
  GRANTED: 'Granted',
  REFUSED: 'Refused',
  WITHDRAWN: 'Withdrawn',
  VOID: 'Void',
  EXPIRED: 'Expired',
}

/** What it means that nothing shows. */
export const emptyWords: Record<ApprovalState, string> = {
  PENDING: 'Nothing waits for a second person',
  GRANTED: 'Nothing was granted',
  REFUSED: 'Nothing was refused',
  WITHDRAWN: 'Nothing was withdrawn',
  VOID: 'Nothing became void',
  EXPIRED: 'Nothing expired',
}
