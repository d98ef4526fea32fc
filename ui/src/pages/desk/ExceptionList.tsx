// The list: a grid of rows of which only the visible ones are drawn. It knows nothing of URLs and queries.
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, type Ref } from 'react'
import type { Sort } from '../../api/filter'
import type { ExceptionItem, Pack } from '../../api/types'
import { ExceptionRow, PendingRow } from './ExceptionRow'
import { ListHead } from './ListHead'
import styles from './ExceptionList.module.css'

const rowHeight = 32
/** The head stays above the rows, with its line: so much less of them is in sight. */
const headHeight = 29
/** Rows drawn as pending below what is loaded, so that scrolling goes on while pages come in. */
const pendingMost = 1_000

export interface ListHandle {
  /** Whether rows could be put on top without moving what somebody looks at or points to. */
  isAtRest: () => boolean
  toTop: () => void
  /** Moves the keyboard focus to the row under the cursor. */
  focusCursor: () => void
  pageLength: () => number
}

interface ExceptionListProps {
  ref: Ref<ListHandle>
  items: ExceptionItem[]
  /** Rows that match on the server, as far as known. */
  total: number
  hasMore: boolean
  /** Nothing is under way and nothing has failed. */
  canFetch: boolean
  fetchMore: () => void
  pack: Pack | undefined
  sort: Sort
  onSort: (sort: Sort) => void
  cursor: number
  openId: string | undefined
  onOpen: (item: ExceptionItem) => void
  stale: boolean
}

export function ExceptionList(props: ExceptionListProps) {
  const { ref, items, total, hasMore, canFetch, fetchMore, pack, sort, onSort, cursor, openId, onOpen, stale } = props
  const box = useRef<HTMLDivElement>(null)
  const focusWanted = useRef(false)
  const pending = hasMore ? Math.min(pendingMost, Math.max(1, total - items.length)) : 0

  // One and the same function as long as the rows are: with another the virtualizer measures all of them again.
  const keyOf = useCallback((index: number) => items[index]?.exceptionId ?? `pending-${index}`, [items])

  // The compiler's rule does not know that the virtualizer is read in this component only.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: items.length + pending,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingEnd: headHeight,
    getItemKey: keyOf,
    // The row that has the focus stays in the document when it is scrolled away; else the focus would be lost.
    rangeExtractor: (range: Range) => {
      const rows = defaultRangeExtractor(range)
      const tabStop = Math.max(cursor, 0)
      if (tabStop >= range.count || rows.includes(tabStop)) return rows
      return [...rows, tabStop].sort((a, b) => a - b)
    },
  })
  const rows = virtual.getVirtualItems()
  const lastVisible = virtual.range?.endIndex ?? 0

  useEffect(() => {
    // Asking for more while the top is being read again would break that off.
    if (hasMore && canFetch && lastVisible > items.length - Math.min(250, items.length / 2)) fetchMore()
  }, [hasMore, canFetch, lastVisible, items.length, fetchMore])

  // Keeps the cursor in sight when it moves, and only then.
  useLayoutEffect(() => {
    if (cursor >= 0) virtual.scrollToIndex(cursor, { align: 'auto' })
    if (focusWanted.current) focusRow(box.current, cursor)
    focusWanted.current = false
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [cursor])

  useImperativeHandle(ref, () => ({
    isAtRest: () => (box.current?.scrollTop ?? 0) < rowHeight && !box.current?.querySelector('[role=row]:hover'),
    toTop: () => box.current?.scrollTo({ top: 0 }),
    focusCursor: () => {
      focusWanted.current = true
      focusRow(box.current, cursor)
    },
    pageLength: () => Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 2),
  }))

  return (
    <div
      ref={box}
      className={styles.box}
      role="grid"
      aria-label="Exceptions"
      aria-rowcount={Math.max(total, items.length) + 1}
      aria-busy={stale}
    >
      <ListHead sort={sort} onSort={onSort} />
      <div role="rowgroup" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
        {rows.map(({ index, start, key }) => {
          const item = items[index]
          if (!item) return <PendingRow key={key} start={start} index={index} />
          return (
            <ExceptionRow
              key={key}
              item={item}
              pack={pack}
              start={start}
              index={index}
              isTabStop={index === Math.max(cursor, 0)}
              isCursor={index === cursor}
              isOpen={item.exceptionId === openId}
              onOpen={onOpen}
            />
          )
        })}
      </div>
    </div>
  )
}

function focusRow(box: HTMLElement | null, index: number) {
  box?.querySelector<HTMLElement>(`[data-index="${Math.max(index, 0)}"]`)?.focus({ preventScroll: true })
}
