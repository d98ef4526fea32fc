// The row that j and k move. With an exception open it is the open one, and moving opens the next.
import { useMemo, useRef, useState, type RefObject } from 'react'
import type { ExceptionItem } from '../../api/types'
import type { ListHandle } from './ExceptionList'

/** Walking past an exception does not open it: reads are recorded, and each costs the server work. */
const settle = 120

interface CursorOptions {
  items: ExceptionItem[]
  openId: string | undefined
  open: (id: string, change: { replace: boolean }) => void
  handle: RefObject<ListHandle | null>
}

export interface Cursor {
  index: number
  moveTo: (index: number) => void
  moveBy: (rows: number) => void
  toLast: () => void
  openHere: () => void
}

export function useCursor({ items, openId, open, handle }: CursorOptions): Cursor {
  const [at, setAt] = useState({ id: openId, openId })
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const indexOf = useMemo(() => new Map(items.map((item, index) => [item.exceptionId, index])), [items])
  // Opening by click, by link or by going back takes the cursor along.
  if (openId !== at.openId) setAt({ id: openId ?? at.id, openId })
  const index = (at.id === undefined ? undefined : indexOf.get(at.id)) ?? -1

  const moveTo = (wanted: number) => {
    const next = Math.min(Math.max(wanted, 0), items.length - 1)
    const id = items[next]?.exceptionId
    if (id === undefined) return
    clearTimeout(timer.current)
    setAt({ id, openId })
    handle.current?.focusCursor()
    if (openId !== undefined && id !== openId) timer.current = setTimeout(() => open(id, { replace: true }), settle)
  }
  return {
    index,
    moveTo,
    moveBy: (rows) => moveTo(index + rows),
    toLast: () => moveTo(items.length - 1),
    openHere: () => {
      const id = items[Math.max(index, 0)]?.exceptionId
      if (id !== undefined) open(id, { replace: openId !== undefined })
    },
  }
}
