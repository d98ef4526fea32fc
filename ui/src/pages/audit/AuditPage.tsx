import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { chainHeadQuery, chainQuery, verifyChain } from '../../api/audit'
import { namesQuery } from '../../api/work'
import { problemText } from '../../api/problem'
import { Failure } from '../../components/Failure'
import type { Names } from '../../components/people'
import { ListEnd } from '../../components/ListEnd'
import { Shell } from '../../components/Shell'
import { useSessionWatch } from '../../components/useSessionWatch'
import { Button } from '../../ui/Button'
import { CopyButton } from '../../ui/CopyButton'
import { Loading } from '../../ui/Loading'
import { Message } from '../../ui/Message'
import { EventTable } from './EventTable'
import { kinds, lastVerificationLine, verdictLine } from './words'
import styles from './AuditPage.module.css'

const route = getRouteApi('/member/audit')
const noNames: Names = new Map()

export function AuditPage() {
  const { session, tenantId } = route.useRouteContext()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  useSessionWatch(tenantId)
  const head = useQuery(chainHeadQuery(tenantId))
  const list = useInfiniteQuery(chainQuery(tenantId, search))
  const names = useQuery(namesQuery(tenantId)).data ?? noNames
  const client = useQueryClient()
  const verify = useMutation({
    mutationFn: () => verifyChain(tenantId),
    onSuccess: () => client.invalidateQueries({ queryKey: chainHeadQuery(tenantId).queryKey }),
  })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const mayVerify = session.role === 'admin'

  return (
    <Shell session={session} search={<span className={styles.gap} />} footer={<span role="status">{verdict()}</span>}>
      <title>Audit · SentinAI</title>
      <main className={styles.main}>
        <div className={styles.bar}>
          <h1>Audit</h1>
          {head.data ? (
            <span className={styles.head}>
              <span>Head {head.data.seq.toLocaleString('en-US')}</span>
              <code title={head.data.hash}>{head.data.hash.slice(0, 12)}…</code>
              <CopyButton compact label="Copy head" text={`${head.data.seq}:${head.data.hash}`} />
            </span>
          ) : null}
          <label className={styles.kind}>
            Kind
            <select
              value={search.kind ?? ''}
              onChange={({ target }) => void navigate({ to: '/audit', search: { kind: target.value || undefined } })}
            >
              <option value="">all</option>
              {kinds(search.kind).map((kind) => (
                <option key={kind}>{kind}</option>
              ))}
            </select>
          </label>
          <Button
            disabled={!mayVerify || verify.isPending}
            title={mayVerify ? 'Recompute the whole chain' : `Needs the role admin; yours is ${session.role ?? 'none'}`}
            onClick={() => verify.mutate()}
          >
            {verify.isPending ? 'Verifying…' : 'Verify'}
          </Button>
        </div>
        <div className={styles.box}>{content()}</div>
      </main>
    </Shell>
  )

  function verdict() {
    if (verify.isError) return `Not verified: ${problemText(verify.error).detail}`
    if (verify.data) return verdictLine(verify.data)
    return head.data ? lastVerificationLine(head.data.lastVerification, names) : ''
  }

  function content() {
    if (list.isPending) return <Loading lines={12} />
    if (list.isError && items.length === 0) return <Failure error={list.error} retry={() => void list.refetch()} />
    if (items.length === 0 && !list.hasNextPage)
      return (
        <Message icon="check" title={search.kind ? `No event is ${search.kind}` : 'Nothing has happened yet'}>
          <p>Whatever happens to this tenant is an event here, and none can be changed or removed unnoticed.</p>
        </Message>
      )
    return (
      <>
        <EventTable items={items} names={names} stale={list.isPlaceholderData} />
        <ListEnd list={list} more="Show older events" />
      </>
    )
  }
}
