// The inbox of the second person: what was asked for and why, the oldest first, and the decision.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useRef } from 'react'
import { approvalStates, readApprovals } from '../../api/approvals'
import { problemText } from '../../api/problem'
import { exceptionQuery, packQuery } from '../../api/queries'
import type { Approval } from '../../api/types'
import { approvalsQuery } from '../../api/work'
import { Failure } from '../../components/Failure'
import { Shell } from '../../components/Shell'
import { useSessionWatch } from '../../components/useSessionWatch'
import { Button } from '../../ui/Button'
import { useHotkeys } from '../../ui/hotkeys'
import { Message } from '../../ui/Message'
import { Skeleton } from '../../ui/Skeleton'
import { decideHindrance } from '../../work/asked'
import { useWork } from '../../work/WorkContext'
import { ApprovalCard, type Decision } from './ApprovalCard'
import { emptyWords, stateWords } from './words'
import styles from './ApprovalsPage.module.css'

const route = getRouteApi('/member/approvals')

export function ApprovalsPage() {
  const { session, tenantId } = route.useRouteContext()
  const state = route.useSearch().state ?? 'PENDING'
  useSessionWatch(tenantId)
  const client = useQueryClient()
  const { me, ask, say } = useWork()
  const pack = useQuery(packQuery(tenantId)).data
  const list = useInfiniteQuery(approvalsQuery(tenantId, state))
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const box = useRef<HTMLOListElement>(null)

  const decide = async (request: Approval, verb: Decision) => {
    const hindrance = decideHindrance(verb, request, me)
    if (hindrance) return say({ text: hindrance, tone: 'bad' })
    try {
      const detail = await client.fetchQuery({ ...exceptionQuery(tenantId, request.exceptionId), staleTime: 0 })
      // Another request about the same exception is another decision.
      if (detail.workflow.pending?.requestId === request.requestId) return ask(detail, verb)
      say({
        text: 'This request no longer waits: it was decided, withdrawn, or the exception has changed.',
        tone: 'bad',
      })
      await list.refetch()
    } catch (error) {
      say({ text: problemText(error).detail, tone: 'bad' })
    }
  }
  const moveBy = (event: KeyboardEvent, rows: number) => {
    event.preventDefault()
    const links = linksIn(box.current)
    links[Math.min(Math.max(focusedAt(links) + rows, 0), links.length - 1)]?.focus()
  }
  const decideFocused = (event: KeyboardEvent, verb: Decision) => {
    event.preventDefault()
    if (state !== 'PENDING' || event.repeat) return
    const request = items[focusedAt(linksIn(box.current))]
    if (request) void decide(request, verb)
    else say({ text: 'Select a request first: j and k move.', tone: 'bad' })
  }
  useHotkeys({
    j: (event) => moveBy(event, 1),
    k: (event) => moveBy(event, -1),
    g: (event) => decideFocused(event, 'grant'),
    x: (event) => decideFocused(event, 'refuse'),
  })

  return (
    <Shell
      session={session}
      search={<span className={styles.gap} />}
      footer={
        <span className={styles.keys} aria-hidden="true">
          j k move · Enter open · g grant · x refuse
        </span>
      }
    >
      <title>Approvals · SentinAI</title>
      <main className={styles.main}>
        <header className={styles.head}>
          <h1>Approvals</h1>
          <nav className={styles.tabs} aria-label="State">
            {approvalStates.map((one) => (
              <Link
                key={one}
                to="/approvals"
                search={readApprovals({ state: one })}
                activeOptions={{ exact: true, includeSearch: true }}
                aria-current={one === state ? 'page' : undefined}
              >
                {stateWords[one]}
              </Link>
            ))}
          </nav>
        </header>
        {content()}
      </main>
    </Shell>
  )

  function content() {
    if (list.isPending) return <Loading />
    if (list.isError && items.length === 0) return <Failure error={list.error} retry={() => void list.refetch()} />
    if (items.length === 0) return <Empty title={emptyWords[state]} />
    return (
      <>
        <ol ref={box} className={styles.cards} aria-label="Requests, the oldest first">
          {items.map((request) => (
            <ApprovalCard
              key={request.requestId}
              request={request}
              pack={pack}
              onDecide={(verb) => void decide(request, verb)}
            />
          ))}
        </ol>
        {list.hasNextPage ? (
          <Button disabled={list.isFetching} onClick={() => void list.fetchNextPage()}>
            {list.isFetchingNextPage ? 'Loading…' : 'Show more'}
          </Button>
        ) : null}
      </>
    )
  }
}

const linksIn = (box: HTMLElement | null) => [...(box?.querySelectorAll<HTMLElement>('[data-request]') ?? [])]
const focusedAt = (links: HTMLElement[]) =>
  links.findIndex((link) => link.closest('li')?.contains(document.activeElement))

const Empty = ({ title }: { title: string }) => (
  <Message icon="two" title={title}>
    <p>What the pack wants a second person for, such as writing off money, is asked for here by whoever works on it.</p>
  </Message>
)

const Loading = () => (
  <div className={styles.loading} aria-busy="true">
    {[64, 48, 72, 55].map((width) => (
      <Skeleton key={width} width={`${width}%`} />
    ))}
    <span className="visually-hidden">Loading</span>
  </div>
)
