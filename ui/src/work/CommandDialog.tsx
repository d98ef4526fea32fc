// The dialog of one command: what it asks for, what follows from it, and why it was refused. What was typed stays.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type KeyboardEvent, type SubmitEvent } from 'react'
import { Problem, problemText } from '../api/problem'
import type { Command, Commanded, ExceptionDetail, Verb } from '../api/types'
import { carryOut, demandsQuery, lookAgain, peopleQuery } from '../api/work'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Kbd } from '../ui/Kbd'
import { keepDraft } from './drafts'
import { FieldInput } from './FieldInput'
import { faultsByField, formOf, type Values } from './forms'
import { changedMeanwhile } from './told'
import { useWork } from './WorkContext'
import styles from './CommandDialog.module.css'

interface CommandDialogProps {
  tenantId: string
  detail: ExceptionDetail
  verb: Verb
  step?: string
  /** What was written before the session ended. */
  written?: Values
  onDone: (before: ExceptionDetail, command: Command, answer: Commanded) => void
  onClose: () => void
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent)

export function CommandDialog({ tenantId, detail, verb, step, written, onDone, onClose }: CommandDialogProps) {
  const { me } = useWork()
  const client = useQueryClient()
  const people = useQuery({ ...peopleQuery(tenantId), enabled: verb === 'assign' })
  const demands = useQuery(demandsQuery(tenantId)).data ?? []
  const [openedAt] = useState(() => new Date())
  /** As it was when somebody last looked: the command is about that. */
  const [seen, setSeen] = useState(detail)
  const [changes, setChanges] = useState<string>()
  const [values, setValues] = useState<Values>(written ?? {})
  const box = useRef<HTMLFormElement>(null)
  const form = formOf(verb, { detail: seen, me, people: people.data ?? [], demands, now: openedAt, step })

  const send = useMutation({
    mutationFn: (command: Command) => carryOut(tenantId, seen.exceptionId, seen.version, command),
    onSuccess: (answer, command) => {
      onDone(seen, command, answer)
      // Closing the element gives the focus back to where it was.
      box.current?.closest('dialog')?.close()
    },
    onError: async (error) => {
      if (!(error instanceof Problem) || error.status === 0 || error.status === 401) return
      const now = await lookAgain(client, tenantId, seen.exceptionId)
      setChanges(error.status === 412 ? changedMeanwhile(seen, now, me) : undefined)
      setSeen(now)
    },
  })
  useEffect(() => {
    box.current?.querySelector<HTMLElement>('select, textarea, input')?.focus()
  }, [])
  // The session may end at any moment: what is written then is here again after the login.
  useEffect(() => {
    keepDraft({ tenantId, person: me.name, exceptionId: detail.exceptionId, verb, step, values })
  }, [tenantId, me.name, detail.exceptionId, verb, step, values])
  if (!form) return null

  const faults = faultsByField(send.error, form)
  const note = form.note?.(values)
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!send.isPending) send.mutate(form.command(values))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return
    event.preventDefault()
    event.currentTarget.requestSubmit()
  }
  return (
    <Dialog title={form.title} onClose={onClose}>
      {/* The shortcut of every field; the button does the same. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <form ref={box} className={styles.form} onSubmit={submit} onKeyDown={onKeyDown}>
        <p className={styles.about}>{seen.title}</p>
        {written ? (
          <p className={styles.note}>This is what you wrote before your session ended. It has not been sent.</p>
        ) : null}
        {form.fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={values[field.name] ?? ''}
            fault={faults.byField[field.name]}
            onChange={(value) => setValues((now) => ({ ...now, [field.name]: value }))}
          />
        ))}
        {people.isError ? (
          <p role="alert" className={styles.error}>
            {problemText(people.error).detail}
          </p>
        ) : null}
        <p className={styles.note} role="status">
          {note}
        </p>
        {changes ? (
          <p className={styles.error} role="alert">
            Not done: it changed meanwhile ({changes}). What you wrote is kept; send it again if it still fits.
          </p>
        ) : faults.rest ? (
          <p className={styles.error} role="alert">
            {faults.rest}
          </p>
        ) : null}
        <div className={styles.foot}>
          <Button look="primary" type="submit" disabled={send.isPending}>
            {send.isPending ? 'Sending…' : form.send}
          </Button>
          <span className={styles.keys} aria-hidden="true">
            <Kbd>{isApple ? '⌘' : 'Ctrl'}</Kbd> <Kbd>Enter</Kbd>
          </span>
        </div>
      </form>
    </Dialog>
  )
}
