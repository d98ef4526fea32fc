import {
  defaultSort,
  isFiltered,
  listKeys,
  textKeys,
  without,
  withoutField,
  type DeskSearch,
  type FilterKey,
  type Sort,
} from '../../api/filter'
import type { Pack } from '../../api/types'
import { filterWords, valueWord } from '../../components/words'
import { paths } from '../../paths'
import { Button, IconButton } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { Kbd } from '../../ui/Kbd'
import { fullTime } from '../../ui/time'
import { BulkButton } from './bulk/BulkButton'
import styles from './FilterBar.module.css'

interface FilterBarProps {
  tenantId: string
  search: DeskSearch
  pack: Pack | undefined
  total: number | undefined
  facetsShown: boolean
  onFacets: () => void
  onSearch: (search: DeskSearch) => void
  onNext: () => void
  /** Why this person gets no next one. */
  cannotNext: string | undefined
}

export function FilterBar(props: FilterBarProps) {
  const { tenantId, search, pack, total, facetsShown, onFacets, onSearch, onNext, cannotNext } = props
  const keys = [...listKeys, ...textKeys].filter((key) => search[key] !== undefined)
  const fields = Object.entries(search.fields ?? {})
  return (
    <div className={styles.bar}>
      <IconButton
        icon="filter"
        label={facetsShown ? 'Hide filters' : 'Show filters'}
        aria-expanded={facetsShown}
        onClick={onFacets}
      />
      <h1 className="visually-hidden">Exceptions</h1>
      {keys.length + fields.length > 0 ? (
        <ul className={styles.chips} aria-label="Active filters">
          {keys.map((key) => (
            <li key={key}>
              <Chip
                name={filterWords[key]}
                text={chipText(search, key, pack)}
                onRemove={() => onSearch(without(search, key))}
              />
            </li>
          ))}
          {fields.map(([name, values]) => (
            <li key={`field.${name}`}>
              <Chip name={name} text={values.join(', ')} onRemove={() => onSearch(withoutField(search, name))} />
            </li>
          ))}
        </ul>
      ) : (
        <span className={styles.none}>All exceptions</span>
      )}
      {isFiltered(search) ? (
        <Button look="quiet" onClick={() => onSearch({ sort: search.sort ?? defaultSort })}>
          Clear all
        </Button>
      ) : null}
      <SortSelect sort={search.sort ?? defaultSort} onSort={(sort) => onSearch({ ...search, sort })} />
      <span className={styles.total} role="status">
        {total === undefined ? '' : `${total.toLocaleString('en-US')} ${total === 1 ? 'exception' : 'exceptions'}`}
      </span>
      <Button
        disabled={cannotNext !== undefined}
        title={cannotNext ?? 'Claim the most urgent that nobody has, and open it'}
        aria-keyshortcuts="n"
        onClick={onNext}
      >
        Next <Kbd>n</Kbd>
      </Button>
      <BulkButton tenantId={tenantId} search={search} pack={pack} total={total} />
      <span className={styles.export} role="group" aria-label="Export what the list shows">
        Export
        <a href={paths.export(tenantId, 'csv', search)} download>
          CSV
        </a>
        <a href={paths.export(tenantId, 'ndjson', search)} download>
          NDJSON
        </a>
      </span>
    </div>
  )
}

/** Orders that no column of the list shows. */
const otherSorts: readonly [Sort, string][] = [
  ['owner', 'Owner'],
  ['-exposure', 'Exposure'],
  ['-lateness', 'Lateness'],
]

function SortSelect({ sort, onSort }: { sort: Sort; onSort: (sort: Sort) => void }) {
  const other = otherSorts.find(([of]) => of.replace('-', '') === sort.replace('-', ''))
  return (
    <select
      className={styles.sort}
      aria-label="Sort"
      value={other ? other[0] : ''}
      onChange={(event) => onSort((event.target.value || defaultSort) as Sort)}
    >
      <option value="">Sort by column</option>
      {otherSorts.map(([of, label]) => (
        <option key={of} value={of}>
          Sort by {label.toLowerCase()}
        </option>
      ))}
    </select>
  )
}

function chipText(search: DeskSearch, key: FilterKey, pack: Pack | undefined): string {
  const value = search[key]
  if (Array.isArray(value)) return value.map((one) => valueWord(pack, key, one)).join(', ')
  return value === undefined ? '' : valueWord(pack, key, value)
}

interface ChipProps {
  /** What is filtered by. */
  name: string
  text: string
  onRemove: () => void
}

function Chip({ name, text, onRemove }: ChipProps) {
  const isTime = /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text))
  return (
    <span className={styles.chip} title={isTime ? fullTime(text) : text}>
      {name} <b>{isTime ? text.slice(0, 16).replace('T', ' ') : text}</b>
      <button type="button" aria-label={`Remove filter ${name}`} onClick={onRemove}>
        <Icon name="close" size={12} />
      </button>
    </span>
  )
}
