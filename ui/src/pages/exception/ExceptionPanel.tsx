import { useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { Problem } from '../../api/problem'
import { exceptionQuery } from '../../api/queries'
import type { ExceptionItem, ExceptionPage } from '../../api/types'
import { Failure } from '../../components/Failure'
import { IconButton } from '../../ui/Button'
import { Message } from '../../ui/Message'
import { Skeleton } from '../../ui/Skeleton'
import { useDesk } from '../desk/useDesk'
import { ActionBar } from './ActionBar'
import { ByWhen } from './ByWhen'
import { PanelHead } from './PanelHead'
import { Parts } from './Parts'
import { PendingBox } from './PendingBox'
import { RawData } from './RawData'
import { Section } from './Section'
import { WhatBroke } from './WhatBroke'
import { WhatHappened } from './WhatHappened'
import { WhatNext } from './WhatNext'
import { WhyWeThinkSo } from './WhyWeThinkSo'
import styles from './ExceptionPanel.module.css'

const route = getRouteApi('/member/desk/exceptions/$exceptionId')

const NotFound = ({ exceptionId }: { exceptionId: string }) => (
  <Message icon="search" title="Exception not found">
    <p>
      There is no exception <code className={styles.id}>{exceptionId}</code> in this tenant. The link may be mistyped,
      or belong to another tenant.
    </p>
  </Message>
)

export function ExceptionPanel() {
  const { exceptionId } = route.useParams()
  const { tenantId, close } = useDesk()
  const detail = useQuery(exceptionQuery(tenantId, exceptionId))
  const known = useKnownItem(tenantId, exceptionId)
  const item = detail.data ?? known
  const panel = useRef<HTMLElement>(null)

  // Another exception starts at its top.
  useEffect(() => {
    panel.current?.scrollTo({ top: 0 })
  }, [exceptionId])

  return (
    <aside ref={panel} className={styles.panel} aria-label="Exception" aria-busy={detail.isPending}>
      <title>{`${item?.title ?? 'Exception'} · SentinAI`}</title>
      <div className={styles.close}>
        <IconButton icon="close" label="Close (Esc)" onClick={close} />
      </div>
      {item && !detail.isError ? <PanelHead item={item} detail={detail.data} /> : null}
      {detail.isError ? <Failed error={detail.error} id={exceptionId} retry={() => void detail.refetch()} /> : null}
      {detail.isPending ? <Loading /> : null}
      {detail.data ? (
        <>
          <ActionBar detail={detail.data} />
          {detail.data.workflow.pending ? <PendingBox detail={detail.data} pending={detail.data.workflow.pending} /> : null}
          {detail.data.children.total > 0 ? <Parts whole={exceptionId} parts={detail.data.children} /> : null}
          <WhatBroke detail={detail.data} />
          <WhyWeThinkSo detail={detail.data} />
          {detail.data.playbook ? <WhatNext detail={detail.data} playbook={detail.data.playbook} /> : null}
          {detail.data.clock ? <ByWhen clock={detail.data.clock} status={detail.data.status} /> : null}
          <WhatHappened tenantId={tenantId} detail={detail.data} />
          <RawData detail={detail.data} />
        </>
      ) : null}
    </aside>
  )
}

function Failed({ error, id, retry }: { error: Error; id: string; retry: () => void }) {
  if (error instanceof Problem && error.status === 404) return <NotFound exceptionId={id} />
  return <Failure error={error} retry={retry} />
}

const Loading = () => (
  <>
    {['What broke', 'Why we think so', 'What to do next', 'By when'].map((title, at) => (
      <Section key={title} title={title}>
        <div className={styles.loading}>
          <Skeleton width={`${64 + ((at * 29) % 30)}%`} />
          <Skeleton width={`${48 + ((at * 17) % 40)}%`} />
          <Skeleton width={`${70 - ((at * 13) % 40)}%`} />
        </div>
      </Section>
    ))}
  </>
)

/** What the list knows already, to show while the rest is on its way. */
function useKnownItem(tenantId: string, exceptionId: string): ExceptionItem | undefined {
  const client = useQueryClient()
  const lists = client.getQueriesData<InfiniteData<ExceptionPage>>({ queryKey: [tenantId, 'exceptions'] })
  for (const [, list] of lists)
    for (const page of list?.pages ?? []) {
      const found = page.items.find((item) => item.exceptionId === exceptionId)
      if (found) return found
    }
  return undefined
}
