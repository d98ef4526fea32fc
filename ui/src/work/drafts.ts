// What somebody was writing when their session ended, until they are back: in memory, for them alone, and gone with the page.
import type { Verb } from '../api/types'
import type { Values } from './forms'

export interface Draft {
  tenantId: string
  /** Who was writing. */
  person: string
  exceptionId: string
  verb: Verb
  step?: string
  values: Values
}

let draft: Draft | undefined

/** The form that is open, as it is now. One that nobody wrote in is not worth keeping. */
export function keepDraft(open: Draft) {
  draft = Object.values(open.values).some((value) => value.trim()) ? open : undefined
}

/** The form was sent or left. */
export function dropDraft() {
  draft = undefined
}

export const hasDraft = () => draft !== undefined

/** What this person was writing. Whoever else comes gets nothing, and nothing stays for later. */
export function takeDraft(tenantId: string, person: string): Draft | undefined {
  const kept = draft
  draft = undefined
  return kept?.tenantId === tenantId && kept.person === person ? kept : undefined
}
