import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { useMemo, useRef } from 'react'
import { problemText } from '../../api/problem'
import { forgetQuarantine, quarantineQuery, replayMany, type Which } from '../../api/quarantine'
import { Failure } from '../../components/Failure'
import { hindrance } from '../../components/people'
import { ListEnd } from '../../components/ListEnd'
import { Shell } from '../../components/Shell'
import { useSessionWatch } from '../../components/useSessionWatch'
import { Button } from '../../ui/Button'
import { useHotkeys } from '../../ui/hotkeys'
import { Loading } from '../../ui/Loading'
import { Message } from '../../ui/Message'
import { ReasonPanel } from './ReasonPanel'
import { QuarantineList } from './QuarantineList'
import { useQuarantine } from './useQuarantine'
import { outcomeLine, stateWords } from './words'
import styles from './QuarantinePage.module.css'

export function QuarantinePage() {
  const { session, tenantId, search, openId, setSearch, open, close } = useQuarantine()
  useSessionWatch(tenantId)
  const client = useQueryClient()
  const list = useInfiniteQuery(quarantineQuery(tenantId, search))
  const items = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const newest = list.data?.pages[0]
  const box = useRef<HTMLDivElement>(null)
  const replay = useMutation({
    mutationFn: (which: Which) => replayMany(tenantId, which),
    onSettled: () => forgetQuarantine(client, tenantId),
  })
  const weak = hindrance(session.role, 'operator')
  const shown = search.code ? newest?.codes.find(({ code }) => code === search.code)?.count : newest?.total

  /** Moves the focus; with an entry open, the next one opens. */
  const moveBy = (event: KeyboardEvent, rows: number) => {
    event.preventDefault()
    const links = [...(box.current?.querySelectorAll<HTMLAnchorElement>('[data-quarantined]') ?? [])]
    const at = links.findIndex((link) => link === document.activeElement || link.dataset.quarantined === openId)
    const next = links[Math.min(Math.max(at + rows, 0), links.length - 1)]
    next?.focus()
    if (openId !== undefined && next?.dataset.quarantined) open(next.dataset.quarantined)
  }
  useHotkeys({
    j: (event) => moveBy(event, 1),
    k: (event) => moveBy(event, -1),
    Escape: openId === undefined ? undefined : close,
  })

  return (
    <Shell
      session={session}
      search={<span className={styles.gap} />}
      footer={
        <>
          <span role="status">{statusLine()}</span>
          <span className={styles.keys} aria-hidden="true">
            j k move · Enter open · Esc close
          </span>
        </>
      }
    >
      {openId === undefined ? <title>Refused · SentinAI</title> : null}
      <div className={styles.page}>
        <ReasonPanel search={search} page={newest} onSearch={setSearch} />
        <main className={styles.main}>
          <div className={styles.bar}>
            <h1>{stateWords[search.state ?? 'HELD']}</h1>
            <span className={styles.what}>{search.code ?? 'all reasons'}</span>
            <span className={styles.total} role="status">
              {shown === undefined ? '' : `${shown.toLocaleString('en-US')} refused`}
            </span>
            {search.state === undefined ? (
              <Button
                disabled={weak !== undefined || replay.isPending || !shown}
                title={weak ?? 'Take them in with the pack that is active now'}
                onClick={() => replay.mutate(search.code ? { code: search.code } : { all: true })}
              >
                {replay.isPending ? 'Replaying…' : search.code ? `Replay all ${search.code}` : 'Replay all'}
              </Button>
            ) : null}
          </div>
          <div className={styles.box} ref={box}>
            {content()}
          </div>
        </main>
        <Outlet />
      </div>
    </Shell>
  )

  function statusLine() {
    if (replay.isError) return `The replay did not end: ${problemText(replay.error).detail}`
    return replay.data ? outcomeLine(replay.data) : ''
  }

  function content() {
    if (list.isPending) return <Loading lines={12} />
    if (list.isError && items.length === 0) return <Failure error={list.error} retry={() => void list.refetch()} />
    if (items.length === 0) return <Empty state={stateWords[search.state ?? 'HELD']} code={search.code} />
    return (
      <>
        <QuarantineList items={items} search={search} openId={openId} stale={list.isPlaceholderData} />
        <ListEnd list={list} />
      </>
    )
  }
}

const Empty = ({ state, code }: { state: string; code: string | undefined }) => (
  <Message icon="check" title={`Nothing is ${state.toLowerCase()}${code ? ` with ${code}` : ''}`}>
    <p>
      What a source sends and a rule refuses is kept here with every reason, until somebody replays or discards it, or
      it expires.
    </p>
  </Message>
)
