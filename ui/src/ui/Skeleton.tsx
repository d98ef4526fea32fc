import styles from './Skeleton.module.css'

/** A grey bar in place of text that is on its way. Appears after a moment, so that quick answers do not flicker. */
export const Skeleton = ({ width }: { width: number | string }) => (
  <span className={styles.skeleton} style={{ width }} aria-hidden="true" />
)
