import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem, problemText } from '../../api/problem'
import { discardOne, forgetQuarantine, quarantinedQuery, replayOne } from '../../api/quarantine'
import type { QuarantineDetail } from '../../api/types'
import { textOf } from '../../api/verbatim'
import { Failure } from '../../components/Failure'
import { hindrance, personWord } from '../../components/people'
import { Button, IconButton } from '../../ui/Button'
import { CopyButton } from '../../ui/CopyButton'
import { prettyJson } from '../../ui/json'
import { Message } from '../../ui/Message'
import { Skeleton } from '../../ui/Skeleton'
import { fullTime } from '../../ui/time'
import { DiscardDialog } from './DiscardDialog'
import { useQuarantine } from './useQuarantine'
import { stateWords } from './words'
import styles from './QuarantinePanel.module.css'

const route = getRouteApi('/member/quarantine/$quarantineId')

/** One refused object: every reason, what was sent, and the decision. */
export function QuarantinePanel() {
  const { quarantineId } = route.useParams()
  const { session, tenantId, close } = useQuarantine()
  const detail = useQuery(quarantinedQuery(tenantId, quarantineId))
  const isGone = detail.error instanceof Problem && detail.error.status === 404
  return (
    <aside className={styles.panel} aria-label="Refused object" aria-busy={detail.isPending}>
      <title>{`${quarantineId} · SentinAI`}</title>
      <div className={styles.close}>
        <IconButton icon="close" label="Close (Esc)" onClick={close} />
      </div>
      {detail.isPending ? <Skeleton width="70%" /> : null}
      {isGone ? (
        <Message icon="search" title="Not here">
          <p>It has expired, or the link is mistyped or belongs to another tenant.</p>
        </Message>
      ) : null}
      {detail.isError && !isGone ? <Failure error={detail.error} retry={() => void detail.refetch()} /> : null}
      {detail.data ? (
        <>
          <Head entry={detail.data} />
          <Decision key={quarantineId} tenantId={tenantId} role={session.role} entry={detail.data} />
          <Reasons entry={detail.data} />
          <Sent entry={detail.data} />
        </>
      ) : null}
    </aside>
  )
}

const Head = ({ entry }: { entry: QuarantineDetail }) => (
  <header className={styles.head}>
    <h2>{entry.exceptionType ?? 'No type'}</h2>
    <p className={styles.id}>
      <code>{entry.quarantineId}</code>
      <CopyButton compact text={entry.quarantineId} label="Copy id" />
    </p>
    <dl className={styles.facts}>
      <Fact label="State">{stateWords[entry.state]}</Fact>
      <Fact label="Source">{entry.sourceSystem ?? '–'}</Fact>
      <Fact label="Times">{entry.times.toLocaleString('en-US')}</Fact>
      <Fact label="First">
        <Moment at={entry.firstAt} />
      </Fact>
      <Fact label="Last">
        <Moment at={entry.lastAt} />
      </Fact>
      <Fact label="Expires">
        <Moment at={entry.expiresAt} />
      </Fact>
      <Fact label="Sent by">{personWord(entry.sentBy)}</Fact>
      <Fact label="Exception">{entry.exceptionId}</Fact>
    </dl>
  </header>
)

const Fact = ({ label, children }: { label: string; children: React.ReactNode }) => (
  <div>
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
)

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })

const Moment = ({ at }: { at: string }) => (
  <time dateTime={at} title={fullTime(at)}>
    {day.format(new Date(at))}
  </time>
)

interface DecisionProps {
  tenantId: string
  role: string | null | undefined
  entry: QuarantineDetail
}

function Decision({ tenantId, role, entry }: DecisionProps) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const settled = () => forgetQuarantine(client, tenantId)
  const replay = useMutation({ mutationFn: () => replayOne(tenantId, entry.quarantineId), onSettled: settled })
  const discard = useMutation({
    mutationFn: (reason: string) => discardOne(tenantId, entry.quarantineId, reason),
    onSuccess: () => setAsking(false),
    onSettled: settled,
  })
  if (entry.state !== 'HELD') return <Decided entry={entry} />
  const cannotReplay = hindrance(role, 'operator')
  const cannotDiscard = hindrance(role, 'supervisor')
  const hints = [...new Set([cannotReplay, cannotDiscard])].filter(Boolean)
  return (
    <div className={styles.decision}>
      <Button
        look="primary"
        disabled={cannotReplay !== undefined || replay.isPending}
        title={cannotReplay ?? 'Take it in with the pack that is active now'}
        onClick={() => replay.mutate()}
      >
        {replay.isPending ? 'Replaying…' : 'Replay'}
      </Button>
      <Button
        disabled={cannotDiscard !== undefined || discard.isPending}
        title={cannotDiscard ?? 'Give it up, with a reason'}
        onClick={() => setAsking(true)}
      >
        Discard…
      </Button>
      <p className={styles.hint} role="status">
        {replay.isError
          ? problemText(replay.error).detail
          : replay.data?.state === 'HELD'
            ? 'It is still refused, for the reasons below.'
            : hints.join('. ')}
      </p>
      {asking ? (
        <DiscardDialog
          error={discard.error}
          pending={discard.isPending}
          onDiscard={(reason) => discard.mutate(reason)}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </div>
  )
}

const Decided = ({ entry }: { entry: QuarantineDetail }) => (
  <p className={styles.decided} role="status">
    {stateWords[entry.state]} by {personWord(entry.decidedBy ?? '')}
    {entry.reason ? `: ${entry.reason}` : '. '}
    {entry.storedAs ? (
      <>
        It is exception{' '}
        <Link to="/desk/exceptions/$exceptionId" params={{ exceptionId: entry.storedAs }} search={{}}>
          {entry.storedAs}
        </Link>
      </>
    ) : null}
  </p>
)

const Reasons = ({ entry }: { entry: QuarantineDetail }) => (
  <section className={styles.section} aria-labelledby="reasons">
    <h3 id="reasons">Why it was refused</h3>
    <ul className={styles.reasons}>
      {entry.errors.map((fault, index) => (
        <li key={index}>
          <p>{fault.message}</p>
          <p className={styles.where}>
            <code>{fault.pointer || 'the whole'}</code> <span>{fault.code}</span>
          </p>
        </li>
      ))}
    </ul>
  </section>
)

function Sent({ entry }: { entry: QuarantineDetail }) {
  const text = prettyJson(textOf(entry.object))
  return (
    <section className={styles.section} aria-labelledby="sent">
      <div className={styles.sentHead}>
        <h3 id="sent">{entry.form === 'EVENT' ? 'The event that was sent' : 'What was sent'}</h3>
        <CopyButton compact text={text} label="Copy what was sent" />
      </div>
      {/* Wide content scrolls, also from the keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.sent} tabIndex={0}>
        {text}
      </pre>
    </section>
  )
}
