// Counts by what the list is filtered by; each line switches a filter.
import type { UseQueryResult } from '@tanstack/react-query'
import { dues, flagged, flagKeys, severities, statuses, toggled, type DeskSearch } from '../../api/filter'
import { problemText } from '../../api/problem'
import type { FacetCount, Facets, Pack, Severity, Status } from '../../api/types'
import { SeverityMark } from '../../components/SeverityMark'
import { StatusGlyph } from '../../components/StatusMark'
import { filterWords, valueWord } from '../../components/words'
import { Button } from '../../ui/Button'
import { FacetGroup, type FacetLine } from './FacetGroup'
import styles from './FacetPanel.module.css'

interface FacetPanelProps {
  facets: UseQueryResult<Facets>
  pack: Pack | undefined
  search: DeskSearch
  onSearch: (search: DeskSearch) => void
}

const groups = ['severity', 'status', 'due', 'queue', 'owner', 'type', 'source', 'resolution', 'rootCause'] as const
type Group = (typeof groups)[number]

export function FacetPanel({ facets, pack, search, onSearch }: FacetPanelProps) {
  return (
    <aside className={styles.panel} aria-label="Filters">
      {facets.isError ? (
        <p className={styles.error} role="alert">
          No counts: {problemText(facets.error).title}.{' '}
          <Button look="quiet" onClick={() => void facets.refetch()}>
            Try again
          </Button>
        </p>
      ) : null}
      {groups.map((group) => (
        <FacetGroup
          key={group}
          title={filterWords[group]}
          lines={linesOf(group, facets.data?.[group] ?? [], pack, search)}
          known={facets.data !== undefined}
          onToggle={(value) => onSearch(toggled(search, group, value))}
        />
      ))}
      <div role="group" aria-label="Only" className={styles.group}>
        <h2 aria-hidden="true">Only</h2>
        {flagKeys.map((key) => (
          <label key={key} className={styles.line}>
            <input type="checkbox" checked={search[key] === 'true'} onChange={() => onSearch(flagged(search, key))} />
            <span className={styles.label}>{filterWords[key]}</span>
          </label>
        ))}
      </div>
    </aside>
  )
}

/** Every value of the pack in the pack's order, so that lines stay where they are; then what else was counted or chosen. */
function linesOf(group: Group, counts: FacetCount[], pack: Pack | undefined, search: DeskSearch): FacetLine[] {
  const chosen: readonly string[] = search[group] ?? []
  const count = new Map(counts.map((entry) => [entry.value, entry.count]))
  const values = new Set([...expected(group, pack), ...count.keys(), ...chosen])
  return [...values].map((value) => ({
    value,
    label: valueWord(pack, group, value),
    count: count.get(value) ?? 0,
    chosen: chosen.includes(value),
    mark: mark(group, value),
  }))
}

function expected(group: Group, pack: Pack | undefined): readonly string[] {
  switch (group) {
    case 'severity':
      return severities
    case 'status':
      return statuses
    case 'due':
      return dues
    case 'queue':
      return Object.keys(pack?.queues ?? {})
    case 'type':
      return Object.keys(pack?.types ?? {})
    case 'source':
      return pack?.sourceSystems ?? []
    case 'owner':
    case 'resolution':
    case 'rootCause':
      return []
  }
}

function mark(group: Group, value: string) {
  if (group === 'severity') return <SeverityMark severity={value as Severity} decorative />
  if (group === 'status') return <StatusGlyph status={value as Status} />
  return undefined
}
