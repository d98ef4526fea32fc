// What a source sent that changed an exception: a clearing, or both sides of a revision. Fetched when somebody opens it.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { problemText } from '../../api/problem'
import { evidenceQuery } from '../../api/queries'
import type { ExceptionEvent } from '../../api/types'
import { readable, textOf } from '../../api/verbatim'
import { Button } from '../../ui/Button'
import { CopyButton } from '../../ui/CopyButton'
import { prettyJson } from '../../ui/json'
import { JsonTree } from '../../ui/JsonTree'
import { Skeleton } from '../../ui/Skeleton'
import styles from './Evidence.module.css'

interface EvidenceProps {
  tenantId: string
  exceptionId: string
  event: ExceptionEvent
}

export const Evidence = ({ tenantId, exceptionId, event }: EvidenceProps) =>
  evidenceOf(event.data).map(({ title, sha256 }) => (
    <Sent key={title} title={title} tenantId={tenantId} exceptionId={exceptionId} sha256={sha256} />
  ))

interface SentProps extends Omit<EvidenceProps, 'event'> {
  title: string
  sha256: string
}

function Sent({ title, tenantId, exceptionId, sha256 }: SentProps) {
  const [isOpen, setOpen] = useState(false)
  const sent = useQuery({ ...evidenceQuery(tenantId, exceptionId, sha256), enabled: isOpen })
  const text = textOf(sent.data?.body)
  return (
    <details className={styles.sent} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen && sent.isPending ? <Skeleton width="70%" /> : null}
      {sent.isError ? (
        <p>
          {problemText(sent.error).title}.{' '}
          <Button look="quiet" onClick={() => void sent.refetch()}>
            Try again
          </Button>
        </p>
      ) : null}
      {sent.data ? (
        <>
          <div className={styles.copy}>
            <CopyButton text={() => prettyJson(text)} label={`Copy ${title.toLowerCase()}`} compact />
          </div>
          <JsonTree text={text} />
        </>
      ) : null}
    </details>
  )
}

/** The bodies that an event refers to. */
export function evidenceOf(data: unknown): { title: string; sha256: string }[] {
  const event = readable(data)
  const side = (name: string) => (event[name] ?? {}) as Record<string, unknown>
  const named = [
    { title: 'What the source sent', sha256: event['evidence'] },
    { title: 'Sent before', sha256: side('before')['evidence'] },
    { title: 'Sent now', sha256: side('after')['evidence'] },
  ]
  return named.filter((one): one is { title: string; sha256: string } => typeof one.sha256 === 'string')
}
