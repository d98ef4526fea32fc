import { memo } from 'react'
import type { ExceptionItem, Pack } from '../../api/types'
import { Skeleton } from '../../ui/Skeleton'
import { columns } from './columns'
import styles from './ExceptionList.module.css'

interface ExceptionRowProps {
  item: ExceptionItem
  pack: Pack | undefined
  start: number
  index: number
  isTabStop: boolean
  isCursor: boolean
  isOpen: boolean
  onOpen: (item: ExceptionItem) => void
}

export const ExceptionRow = memo(function ExceptionRow(props: ExceptionRowProps) {
  const { item, pack, start, index, isTabStop, isCursor, isOpen, onOpen } = props
  return (
    // The keyboard works through the page's hotkeys: Enter opens the row that has the focus.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      role="row"
      className={[styles.row, isCursor && styles.cursor, isOpen && styles.open].filter(Boolean).join(' ')}
      style={{ transform: `translateY(${start}px)` }}
      data-index={index}
      data-exception={item.exceptionId}
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      tabIndex={isTabStop ? 0 : -1}
      onClick={(event) => {
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) onOpen(item)
      }}
    >
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className={styles.cell}
          data-column={column.id}
          data-align={column.align}
          data-optional={column.optional}
        >
          {column.cell(item, pack)}
        </div>
      ))}
    </div>
  )
})

/** A row that exists on the server and is on its way. */
export const PendingRow = ({ start, index }: { start: number; index: number }) => (
  <div role="row" className={styles.row} style={{ transform: `translateY(${start}px)` }} aria-rowindex={index + 2}>
    {columns.map((column) => (
      <div
        key={column.id}
        role="gridcell"
        className={styles.cell}
        data-align={column.align}
        data-optional={column.optional}
      >
        <Skeleton width={column.width ? Math.min(column.width - 24, 72) : `${38 + ((index * 37) % 40)}%`} />
        {column.id === 'title' && <span className="visually-hidden">Loading</span>}
      </div>
    ))}
  </div>
)
