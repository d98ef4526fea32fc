import { useInfiniteQuery, useQuery, useQueryClient, type UseInfiniteQueryResult } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { defaultSort, isFiltered, readSearch } from '../../api/filter'
import { exceptionsQuery, facetsOf, packQuery } from '../../api/queries'
import { reloadList } from '../../api/reload'
import { Failure } from '../../components/Failure'
import { Shell } from '../../components/Shell'
import { useSessionWatch } from '../../components/useSessionWatch'
import { BulkStrip } from './bulk/BulkStrip'
import { DeskFooter } from './DeskFooter'
import { EmptyDesk, NoMatch } from './EmptyDesk'
import { ExceptionList, type ListHandle } from './ExceptionList'
import { FacetPanel } from './FacetPanel'
import { FilterBar } from './FilterBar'
import { HelpDialog } from './HelpDialog'
import { ListNotice } from './ListNotice'
import { ListSkeleton } from './ListSkeleton'
import { NextDialog } from './NextDialog'
import { SearchBox } from './SearchBox'
import { useDesk } from './useDesk'
import { useDeskKeys } from './useDeskKeys'
import { useLive } from './useLive'
import { useNext } from './useNext'
import { useCursor } from './useCursor'
import { useWorkKeys } from './useWorkKeys'
import styles from './DeskPage.module.css'

export function DeskPage() {
  const { session, tenantId, search, openId, setSearch, open, close } = useDesk()
  useSessionWatch(tenantId)
  const client = useQueryClient()
  const pack = useQuery(packQuery(tenantId)).data
  const facets = useQuery(facetsOf(tenantId, search))
  const list = useInfiniteQuery(exceptionsQuery(tenantId, search))
  const items = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const [facetsShown, setFacetsShown] = useState(() => window.matchMedia('(width >= 1200px)').matches)
  const [help, setHelp] = useState(false)
  const searchBox = useRef<HTMLInputElement>(null)
  const handle = useRef<ListHandle>(null)
  const cursor = useCursor({ items, openId, open, handle })

  const reload = () => reloadList(client, tenantId, search)
  const live = useLive(tenantId, () => {
    const quiet = openId === undefined && !list.isFetching && (handle.current?.isAtRest() ?? true)
    if (quiet) void reload()
    return quiet
  })
  const loadNew = () => {
    live.clear()
    handle.current?.toTop()
    void facets.refetch()
    void reload()
  }
  const clearFilters = () => setSearch(readSearch({ sort: search.sort }))

  useDeskKeys({
    cursor,
    handle,
    close: openId === undefined ? undefined : close,
    search: () => searchBox.current?.select(),
    toggleFacets: () => setFacetsShown((shown) => !shown),
    loadNew,
    help: () => setHelp(true),
  })
  const next = useNext({ tenantId, search, open: (id) => open(id, { replace: openId !== undefined }) })
  useWorkKeys({ tenantId, targetId: items[cursor.index]?.exceptionId ?? openId, openId, next: next.ask })

  return (
    <Shell
      session={session}
      search={
        <SearchBox ref={searchBox} search={search} onSearch={setSearch} onDone={() => handle.current?.focusCursor()} />
      }
      footer={
        <DeskFooter line={live.line} end={live.end} news={live.news} onLoadNew={loadNew} onHelp={() => setHelp(true)} />
      }
    >
      {openId === undefined ? <title>Desk · SentinAI</title> : null}
      <div className={styles.desk} data-open={openId !== undefined}>
        {facetsShown ? <FacetPanel facets={facets} pack={pack} search={search} onSearch={setSearch} /> : null}
        <main className={styles.list}>
          <FilterBar
            tenantId={tenantId}
            search={search}
            pack={pack}
            total={facets.data?.total}
            facetsShown={facetsShown}
            onFacets={() => setFacetsShown(!facetsShown)}
            onSearch={setSearch}
            onNext={next.ask}
            cannotNext={next.hindrance}
          />
          {emptyState(list, items.length) ?? (
            <ExceptionList
              ref={handle}
              items={items}
              total={facets.data?.total ?? items.length}
              hasMore={list.hasNextPage}
              canFetch={!list.isFetching && !list.isError}
              fetchMore={list.fetchNextPage}
              pack={pack}
              sort={search.sort ?? defaultSort}
              onSort={(sort) => setSearch(readSearch({ ...search, sort }))}
              cursor={cursor.index}
              openId={openId}
              onOpen={(item) => open(item.exceptionId)}
              stale={list.isPlaceholderData}
            />
          )}
          {list.isError && items.length > 0 ? (
            <ListNotice
              error={list.error}
              what={list.isFetchNextPageError ? 'More rows could not be read' : 'The list could not be read again'}
              retry={() => void (list.isFetchNextPageError ? list.fetchNextPage() : reload())}
            />
          ) : null}
          <BulkStrip tenantId={tenantId} />
        </main>
        <Outlet />
      </div>
      {next.isAsking ? <NextDialog tenantId={tenantId} onChoose={next.claim} onClose={next.close} /> : null}
      {help ? <HelpDialog onClose={() => setHelp(false)} /> : null}
    </Shell>
  )

  function emptyState(query: UseInfiniteQueryResult, count: number) {
    if (query.isPending) return <ListSkeleton />
    if (query.isError && count === 0) return <Failure error={query.error} retry={() => void query.refetch()} />
    if (count > 0) return undefined
    return isFiltered(search) ? <NoMatch onClear={clearFilters} /> : <EmptyDesk tenantId={tenantId} />
  }
}
