import { Link } from '@tanstack/react-router'
import type { Approval, ApprovalState, Pack, Severity, Verb } from '../../api/types'
import { personWord } from '../../components/people'
import { SeverityMark } from '../../components/SeverityMark'
import { valueWord } from '../../components/words'
import { Button } from '../../ui/Button'
import { Kbd } from '../../ui/Kbd'
import { useNow } from '../../ui/now'
import { dayAndTime, fullTime } from '../../ui/time'
import { askedChange, askedNote, decideHindrance, exposureText } from '../../work/asked'
import { useWork } from '../../work/WorkContext'
import { stateWords } from './words'
import styles from './ApprovalCard.module.css'

export type Decision = Extract<Verb, 'grant' | 'refuse' | 'withdraw'>

interface ApprovalCardProps {
  request: Approval
  pack: Pack | undefined
  onDecide: (verb: Decision) => void
}

export function ApprovalCard({ request, pack, onDecide }: ApprovalCardProps) {
  const note = askedNote(request)
  const isPending = request.state === 'PENDING'
  // Once it is decided the severity is no longer that from before.
  const change = askedChange(request, isPending ? request.severity : undefined)
  return (
    <li className={styles.card}>
      <div className={styles.title}>
        <SeverityMark severity={request.severity as Severity} />
        <Link
          to="/desk/exceptions/$exceptionId"
          params={{ exceptionId: request.exceptionId }}
          data-request={request.requestId}
        >
          {request.title}
        </Link>
        {request.exposure === null ? null : (
          <span className={styles.stake}>{exposureText(request.exposure)} at stake</span>
        )}
      </div>
      <p className={styles.mute}>
        {valueWord(pack, 'type', request.exceptionType)} · {valueWord(pack, 'queue', request.queue)}
      </p>
      <p className={styles.change}>
        <span className={styles.label}>{request.label}</span>
        {change.what} {change.before ? `${change.before} → ` : ''}
        <b>{change.after}</b>
      </p>
      {note ? <p className={styles.note}>“{note}”</p> : null}
      <p className={styles.mute}>{request.because}</p>
      <Times request={request} />
      {isPending ? <Decide request={request} onDecide={onDecide} /> : null}
    </li>
  )
}

function Times({ request }: { request: Approval }) {
  const { me } = useWork()
  const word = (name: string) => (name === me.name ? 'you' : personWord(name))
  const { decidedAt, decidedBy, note } = request
  return (
    <p className={styles.mute}>
      Asked by <b>{word(request.requestedBy)}</b>, <Moment at={request.requestedAt} />
      {request.state === 'PENDING' ? (
        <>
          {' '}
          · void from <Moment at={request.expiresAt} />
        </>
      ) : (
        <>
          {' '}
          · {stateWords[request.state as ApprovalState]}
          {decidedBy ? ` by ${word(decidedBy)}` : ''}
          {decidedAt ? (
            <>
              , <Moment at={decidedAt} />
            </>
          ) : null}
          {note ? `: “${note}”` : ''}
        </>
      )}
    </p>
  )
}

function Moment({ at }: { at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={fullTime(at)}>
      {dayAndTime(at, now)}
    </time>
  )
}

function Decide({ request, onDecide }: Omit<ApprovalCardProps, 'pack'>) {
  const { me } = useWork()
  if (request.requestedBy === me.name)
    return (
      <div className={styles.buttons}>
        <Button onClick={() => onDecide('withdraw')}>Withdraw</Button>
        <span className={styles.own}>Your own request: somebody else must decide</span>
      </div>
    )
  const hindrance = decideHindrance('grant', request, me)
  return (
    <div className={styles.buttons}>
      <Button look="primary" disabled={hindrance !== undefined} title={hindrance} onClick={() => onDecide('grant')}>
        Grant <Kbd>g</Kbd>
      </Button>
      <Button disabled={hindrance !== undefined} title={hindrance} onClick={() => onDecide('refuse')}>
        Refuse <Kbd>x</Kbd>
      </Button>
      <span className={styles.own}>{hindrance}</span>
    </div>
  )
}
