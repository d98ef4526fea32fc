import type { SubmitEvent } from 'react'
import { problemText } from '../../api/problem'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import styles from './DiscardDialog.module.css'

interface DiscardDialogProps {
  /** What is discarded, and what that means. */
  title?: string
  meaning?: string
  error: Error | null
  pending: boolean
  onDiscard: (reason: string) => void
  onClose: () => void
}

const heldAgain = 'It stays visible under Discarded until it expires. If the source sends it again, it is held again.'

export function DiscardDialog({
  title = 'Discard',
  meaning = heldAgain,
  error,
  pending,
  onDiscard,
  onClose,
}: DiscardDialogProps) {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const reason = String(new FormData(event.currentTarget).get('reason')).trim()
    if (reason) onDiscard(reason)
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <p>{meaning}</p>
        <label htmlFor="reason">Reason</label>
        {/* The dialog has one field; it is where it starts. */}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
        <input id="reason" name="reason" type="text" required maxLength={500} autoFocus autoComplete="off" />
        {error ? (
          <p className={styles.error} role="alert">
            {problemText(error).detail}
          </p>
        ) : null}
        <Button look="primary" type="submit" disabled={pending}>
          {pending ? 'Discarding…' : 'Discard'}
        </Button>
      </form>
    </Dialog>
  )
}
