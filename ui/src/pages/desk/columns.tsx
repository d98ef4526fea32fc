import type { ReactNode } from 'react'
import type { Sort, SortKey } from '../../api/filter'
import type { ExceptionItem, Pack } from '../../api/types'
import { Age } from '../../components/Age'
import { DueTime } from '../../components/DueTime'
import { SeverityMark } from '../../components/SeverityMark'
import { StatusMark } from '../../components/StatusMark'
import { valueWord } from '../../components/words'
import { paths } from '../../paths'
import styles from './ExceptionList.module.css'

export interface Column {
  id: string
  label: string
  /** The heading is read aloud but not drawn. */
  labelHidden?: boolean
  /** What it sorts by, where that is only a part of it. */
  sortedBy?: string
  sort: SortKey
  /** What the first click on the heading sorts by. */
  first: Sort
  /** The column shows the opposite of what it sorts by: age grows as the creation time falls. */
  inverted?: boolean
  align?: 'end'
  /** Left out first when the list is narrow. */
  optional?: 'source' | 'queue' | 'status'
  width: number | undefined
  cell: (item: ExceptionItem, pack: Pack | undefined) => ReactNode
}

const clipped = (text: string) => (
  <span className={styles.clip} title={text}>
    {text}
  </span>
)

export const columns: readonly Column[] = [
  {
    id: 'severity',
    label: 'Severity',
    labelHidden: true,
    sort: 'severity',
    first: '-severity',
    width: 34,
    cell: (item) => <SeverityMark severity={item.severity} />,
  },
  {
    id: 'title',
    label: 'Exception',
    sortedBy: 'type',
    sort: 'type',
    first: 'type',
    width: undefined,
    cell: (item, pack) => <Title item={item} pack={pack} />,
  },
  {
    id: 'source',
    label: 'Source',
    sort: 'source',
    first: 'source',
    optional: 'source',
    width: 124,
    cell: (item) => clipped(item.sourceSystem),
  },
  {
    id: 'queue',
    label: 'Queue',
    sort: 'queue',
    first: 'queue',
    optional: 'queue',
    width: 122,
    cell: (item, pack) => clipped(valueWord(pack, 'queue', item.queue)),
  },
  {
    id: 'age',
    label: 'Age',
    sort: 'created',
    first: '-created',
    inverted: true,
    align: 'end',
    width: 46,
    cell: (item) => <Age since={item.createdAt} />,
  },
  {
    id: 'due',
    label: 'Due',
    sort: 'due',
    first: 'due',
    align: 'end',
    width: 92,
    cell: (item) => <DueTime dueAt={item.dueAt} status={item.status} />,
  },
  {
    id: 'status',
    label: 'Status',
    sort: 'status',
    first: 'status',
    optional: 'status',
    width: 108,
    cell: (item) => <StatusMark status={item.status} />,
  },
]

function Title({ item, pack }: { item: ExceptionItem; pack: Pack | undefined }) {
  const type = valueWord(pack, 'type', item.exceptionType)
  return (
    <>
      {/* A real link, so that it opens in a tab of its own; a plain click is the row's. */}
      <a
        className={styles.title}
        href={paths.exception(item.exceptionId)}
        tabIndex={-1}
        title={item.title}
        onClick={(event) => {
          if (!event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault()
        }}
      >
        {item.title}
      </a>
      <span className={styles.type} title={type}>
        {item.occurrences > 1 ? (
          <b className={styles.seen} title={`Seen ${item.occurrences} times`}>
            ×{item.occurrences}
          </b>
        ) : null}
        {type}
      </span>
    </>
  )
}

/** The other direction of the column that is sorted by; of another column, its first. */
export const nextSort = (column: Column, sort: Sort): Sort => {
  if (sort.replace('-', '') !== column.sort) return column.first
  return sort.startsWith('-') ? column.sort : `-${column.sort}`
}

export function ariaSort(column: Column, sort: Sort): 'ascending' | 'descending' | 'none' {
  if (sort.replace('-', '') !== column.sort) return 'none'
  return sort.startsWith('-') !== Boolean(column.inverted) ? 'descending' : 'ascending'
}
