import styles from './Loading.module.css'
import { Skeleton } from './Skeleton'

/** Lines of a page that are on their way. */
export const Loading = ({ lines }: { lines: number }) => (
  <div className={styles.loading} aria-busy="true">
    {Array.from({ length: lines }, (_, index) => (
      <Skeleton key={index} width={`${55 + ((index * 37) % 40)}%`} />
    ))}
    <span className="visually-hidden">Loading</span>
  </div>
)
