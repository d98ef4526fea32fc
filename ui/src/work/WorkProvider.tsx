// Carries out commands for a page, shows their dialogs and says what was done, with a way back where there is one.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { Problem, problemText } from '../api/problem'
import type { Command, Commanded, ExceptionDetail, Session, Verb } from '../api/types'
import { exceptionQuery } from '../api/queries'
import { carryOut, lookAgain, remember } from '../api/work'
import { meOf } from '../components/people'
import { useHotkeys } from '../ui/hotkeys'
import { Toast, type ToastContent } from '../ui/Toast'
import { CommandDialog } from './CommandDialog'
import { dropDraft, takeDraft } from './drafts'
import { hasForm, plainCommand, type Values } from './forms'
import { changedMeanwhile, toldLine, undoOf } from './told'
import { WorkContext, type Work } from './WorkContext'

interface Asked {
  detail: ExceptionDetail
  verb: Verb
  step?: string
  /** What was written before the session ended. */
  written?: Values
}

interface WorkProviderProps {
  session: Session
  tenantId: string
  children: ReactNode
}

export function WorkProvider({ session, tenantId, children }: WorkProviderProps) {
  const client = useQueryClient()
  const [asked, setAsked] = useState<Asked>()
  const [toast, setToast] = useState<ToastContent>()
  const me = useMemo(() => meOf(session), [session])
  /** Commands go one after the other, however fast the keys are. */
  const last = useRef(Promise.resolve())
  const { mutateAsync: send } = useMutation({
    mutationFn: ({ detail, command }: { detail: ExceptionDetail; command: Command }) =>
      carryOut(tenantId, detail.exceptionId, detail.version, command),
  })

  /** `said` is what to say instead, of what was taken back: that has no way back of its own. */
  const tell = (before: ExceptionDetail, command: Command, answer: Commanded, said?: string) => {
    remember(client, tenantId, answer.exception)
    const back = said === undefined ? undoOf(command, before, answer.outcome) : undefined
    const undo = back && {
      label: back.command === 'withdraw' ? 'Withdraw' : 'Undo',
      run: () => void run(answer.exception, back, 'Undone'),
    }
    setToast({ text: said ?? toldLine(command, answer, me, Date.now()), tone: 'good', undo })
  }
  const fail = async (before: ExceptionDetail, error: unknown) => {
    const refused = error instanceof Problem && error.status > 0
    const now = refused ? await lookAgain(client, tenantId, before.exceptionId).catch(() => undefined) : undefined
    const isStale = error instanceof Problem && error.status === 412
    const text =
      isStale && now
        ? `Not done: it changed meanwhile (${changedMeanwhile(before, now, me)}). Look at it, then do it again.`
        : `Not done. ${problemText(error).detail}`
    setToast({ text, tone: 'bad' })
  }
  function run(detail: ExceptionDetail, command: Command, said?: string): Promise<void> {
    const next = async () => {
      try {
        const answer = await send({ detail, command })
        tell(detail, command, answer, said)
      } catch (error) {
        await fail(detail, error)
      }
    }
    last.current = last.current.then(next)
    return last.current
  }
  const work: Work = {
    me,
    ask: (detail, verb, step) => {
      if (hasForm(verb, detail, step)) setAsked({ detail, verb, step })
      else void run(detail, plainCommand(verb, step))
    },
    run,
    say: setToast,
  }
  // Who is back after their session ended goes on with what they were writing.
  useEffect(() => {
    const draft = takeDraft(tenantId, me.name)
    if (!draft) return
    const { exceptionId, verb, step, values } = draft
    client.fetchQuery(exceptionQuery(tenantId, exceptionId)).then(
      (detail) => setAsked({ detail, verb, step, written: values }),
      (error: unknown) =>
        setToast({ text: `What you were writing is lost. ${problemText(error).detail}`, tone: 'bad' }),
    )
  }, [client, tenantId, me.name])
  useHotkeys({ u: toast?.undo && (() => toast.undo?.run()) })

  return (
    <WorkContext value={work}>
      {children}
      {asked ? (
        <CommandDialog
          key={`${asked.detail.exceptionId} ${asked.verb}`}
          tenantId={tenantId}
          {...asked}
          onDone={(before, command, answer) => tell(before, command, answer)}
          onClose={() => {
            dropDraft()
            setAsked(undefined)
          }}
        />
      ) : null}
      <Toast toast={toast} onClose={() => setToast(undefined)} />
    </WorkContext>
  )
}
