// How any part of a page asks for work on an exception.
import { createContext, use } from 'react'
import type { Command, ExceptionDetail, Verb } from '../api/types'
import type { Me } from '../components/people'
import type { ToastContent } from '../ui/Toast'

export interface Work {
  me: Me
  /** Does it, or opens the dialog that asks for what it needs. */
  ask: (detail: ExceptionDetail, verb: Verb, step?: string) => void
  /** `said` is what to say after it, of what takes something back. */
  run: (detail: ExceptionDetail, command: Command, said?: string) => Promise<void>
  say: (toast: ToastContent) => void
}

export const WorkContext = createContext<Work | undefined>(undefined)

export function useWork(): Work {
  const work = use(WorkContext)
  if (!work) throw new Error('Work is asked for outside of a WorkProvider')
  return work
}
