// Which requests for a second person the page shows: the grammar of its URL.
import type { ApprovalState } from './types'

export const approvalStates = ['PENDING', 'GRANTED', 'REFUSED', 'WITHDRAWN', 'VOID', 'EXPIRED'] as const

export interface ApprovalSearch {
  /** PENDING unless given. */
  state?: Exclude<ApprovalState, 'PENDING'>
}

/** The search of an address; what does not fit is left out. */
export function readApprovals(raw: Record<string, unknown>): ApprovalSearch {
  const state = approvalStates.find((known) => known === raw.state)
  return state === undefined || state === 'PENDING' ? {} : { state }
}
