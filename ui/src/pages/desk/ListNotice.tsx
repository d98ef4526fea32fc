import { problemText } from '../../api/problem'
import { Button } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import styles from './ListNotice.module.css'

interface ListNoticeProps {
  error: Error
  /** What is wrong with the rows that show. */
  what: string
  retry: () => void
}

/** The rows are there, but not all of them or not the newest. */
export const ListNotice = ({ error, what, retry }: ListNoticeProps) => (
  <p className={styles.notice} role="alert">
    <Icon name="alert" size={14} />
    <span title={problemText(error).detail}>
      {what}: {problemText(error).title}.
    </span>
    <Button look="quiet" onClick={retry}>
      Try again
    </Button>
  </p>
)
