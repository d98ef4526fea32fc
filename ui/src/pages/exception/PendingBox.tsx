// A request that a second person must decide, where it is asked.
import type { ExceptionDetail, Pending, Verb } from '../../api/types'
import { personWord } from '../../components/people'
import { Button } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { useNow } from '../../ui/now'
import { dayAndTime, fullTime } from '../../ui/time'
import { whyNot } from '../../work/actions'
import { askedChange, askedNote, exposureText } from '../../work/asked'
import { useWork } from '../../work/WorkContext'
import styles from './PendingBox.module.css'

export function PendingBox({ detail, pending }: { detail: ExceptionDetail; pending: Pending }) {
  const { me } = useWork()
  const now = useNow()
  const isOwn = pending.requestedBy === me.name
  const { resolutions } = detail.workflow.choices
  const labels = Object.fromEntries(resolutions.map(({ code, label }) => [code, label]))
  const change = askedChange(pending, detail.severity, labels)
  const note = askedNote(pending)
  return (
    <section className={styles.box} aria-label="Waits for a second person">
      <h3>
        <Icon name="two" /> {pending.label}
      </h3>
      <p>
        {change.what} {change.before ? `${change.before} → ` : ''}
        <b>{change.after}</b>
        {pending.exposure === null ? '' : `, ${exposureText(pending.exposure)} at stake`}
      </p>
      {note ? <p className={styles.note}>“{note}”</p> : null}
      <p className={styles.mute}>
        {isOwn ? 'You' : personWord(pending.requestedBy)} asked at{' '}
        <time dateTime={pending.requestedAt} title={fullTime(pending.requestedAt)}>
          {dayAndTime(pending.requestedAt, now)}
        </time>
        ; void from{' '}
        <time dateTime={pending.expiresAt} title={fullTime(pending.expiresAt)}>
          {dayAndTime(pending.expiresAt, now)}
        </time>
        . {pending.because}
      </p>
      <div className={styles.buttons}>
        {isOwn ? (
          <>
            <Decide detail={detail} verb="withdraw" label="Withdraw" />
            <span className={styles.mute}>Somebody else must decide.</span>
          </>
        ) : (
          <>
            <Decide detail={detail} verb="grant" label="Grant…" look="primary" />
            <Decide detail={detail} verb="refuse" label="Refuse…" />
            <span className={styles.mute}>{whyNot('grant', detail, me)}</span>
          </>
        )}
      </div>
    </section>
  )
}

interface DecideProps {
  detail: ExceptionDetail
  verb: Verb
  label: string
  look?: 'primary'
}

function Decide({ detail, verb, label, look }: DecideProps) {
  const { me, ask } = useWork()
  const hindrance = whyNot(verb, detail, me)
  return (
    <Button look={look} disabled={hindrance !== undefined} title={hindrance} onClick={() => ask(detail, verb)}>
      {label}
    </Button>
  )
}
