import type { Sort } from '../../api/filter'
import { ariaSort, columns, nextSort } from './columns'
import styles from './ExceptionList.module.css'

interface ListHeadProps {
  sort: Sort
  onSort: (sort: Sort) => void
}

export const ListHead = ({ sort, onSort }: ListHeadProps) => (
  <div role="rowgroup" className={styles.head}>
    <div role="row" className={styles.headRow} aria-rowindex={1}>
      {columns.map((column) => {
        const order = ariaSort(column, sort)
        return (
          <div
            key={column.id}
            role="columnheader"
            aria-sort={order}
            className={styles.headCell}
            data-align={column.align}
            data-optional={column.optional}
          >
            <button
              type="button"
              title={`Sort by ${column.sortedBy ?? column.label.toLowerCase()}`}
              onClick={() => onSort(nextSort(column, sort))}
            >
              <span className={column.labelHidden ? 'visually-hidden' : undefined}>{column.label}</span>
              {column.sortedBy && order !== 'none' ? <span>by {column.sortedBy}</span> : null}
              <span aria-hidden="true" className={styles.arrow}>
                {order === 'ascending' ? '▲' : order === 'descending' ? '▼' : column.labelHidden ? '◇' : ''}
              </span>
            </button>
          </div>
        )
      })}
    </div>
  </div>
)
