// How old unresolved work is: types by buckets of business days; each figure leads to the list it counts.
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ageingQuery, bucketWords, listOf } from '../../api/ageing'
import type { Ageing, AgeBucket } from '../../api/types'
import { Failure } from '../../components/Failure'
import { Shell } from '../../components/Shell'
import { useSessionWatch } from '../../components/useSessionWatch'
import { Loading } from '../../ui/Loading'
import { Message } from '../../ui/Message'
import styles from './AgeingPage.module.css'

const route = getRouteApi('/member/ageing')

export function AgeingPage() {
  const { session, tenantId } = route.useRouteContext()
  useSessionWatch(tenantId)
  const ageing = useQuery(ageingQuery(tenantId))
  return (
    <Shell session={session} search={<span className={styles.gap} />} footer={<span />}>
      <title>Ageing · SentinAI</title>
      <main className={styles.main}>
        <h1>Ageing</h1>
        <p className={styles.meaning}>
          Unresolved exceptions by age in business days of their type’s calendar, counted from the day that the type
          names.
        </p>
        {content()}
      </main>
    </Shell>
  )

  function content() {
    if (ageing.isError && !ageing.data) return <Failure error={ageing.error} retry={() => void ageing.refetch()} />
    if (!ageing.data) return <Loading lines={8} />
    const rows = ageing.data.filter(({ total }) => total > 0)
    if (rows.length === 0) return <Empty />
    return <Matrix rows={rows} />
  }
}

function Matrix({ rows }: { rows: Ageing[] }) {
  const columns = rows[0]?.buckets ?? []
  const sums = columns.map((_, index) => rows.reduce((sum, row) => sum + (row.buckets[index]?.count ?? 0), 0))
  const most = Math.max(...rows.flatMap(({ buckets }) => buckets.map(({ count }) => count)))
  return (
    <table className={styles.matrix}>
      <caption className="visually-hidden">Unresolved exceptions by type and age</caption>
      <thead>
        <tr>
          <th scope="col">Type</th>
          {columns.map((bucket) => (
            <th key={bucket.least} scope="col" className={styles.number}>
              {bucketWords(bucket)} days
            </th>
          ))}
          <th scope="col" className={styles.number}>
            All
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.exceptionType}>
            <th scope="row">{row.label}</th>
            {row.buckets.map((bucket) => (
              <td key={bucket.least} className={styles.number} style={shade(bucket.count, most)}>
                <Figure type={row} bucket={bucket} />
              </td>
            ))}
            <td className={styles.number}>
              <Link to="/desk" search={listOf(row.exceptionType)}>
                {row.total.toLocaleString('en-US')}
              </Link>
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">All</th>
          {sums.map((sum, index) => (
            <td key={index} className={styles.number}>
              {sum.toLocaleString('en-US')}
            </td>
          ))}
          <td className={styles.number}>{sums.reduce((all, sum) => all + sum, 0).toLocaleString('en-US')}</td>
        </tr>
      </tfoot>
    </table>
  )
}

function Figure({ type, bucket }: { type: Ageing; bucket: AgeBucket }) {
  if (bucket.count === 0) return <span className={styles.none}>0</span>
  return (
    <Link
      to="/desk"
      search={listOf(type.exceptionType, bucket)}
      aria-label={`${bucket.count.toLocaleString('en-US')} ${type.label}, ${bucketWords(bucket)} business days old`}
    >
      {bucket.count.toLocaleString('en-US')}
    </Link>
  )
}

/** More is darker; the figure itself says it too. */
const shade = (count: number, most: number) =>
  count === 0
    ? undefined
    : { background: `color-mix(in srgb, var(--accent) ${String(Math.round(4 + (14 * count) / most))}%, transparent)` }

const Empty = () => (
  <Message icon="check" title="Nothing is unresolved">
    <p>As soon as exceptions arrive, their ages are counted here.</p>
  </Message>
)
