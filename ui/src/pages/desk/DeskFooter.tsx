import type { Line } from '../../api/live'
import type { Problem } from '../../api/problem'
import { Button } from '../../ui/Button'
import type { News } from './useLive'
import styles from './DeskFooter.module.css'

interface DeskFooterProps {
  line: Line
  /** Why it has ended, where it has. */
  end: Problem | undefined
  news: News
  onLoadNew: () => void
  onHelp: () => void
}

const lineWords: Record<Line, string> = {
  connecting: 'connecting…',
  live: 'live',
  lost: 'connection lost, reconnecting…',
  ended: 'live updates have ended',
}

export function DeskFooter({ line, end, news, onLoadNew, onHelp }: DeskFooterProps) {
  const words = newsWords(news)
  return (
    <>
      <span role="status" className={styles[line]}>
        <span className={styles.dot} aria-hidden="true" />
        {lineWords[line]}
        {end ? `: ${end.detail}` : ''}
      </span>
      <span role="status">
        {words ? (
          <Button look="quiet" className={styles.news} onClick={onLoadNew}>
            {words} · press .
          </Button>
        ) : null}
      </span>
      <span className={styles.keys} aria-hidden="true">
        j k move · Enter open · c claim · r resolve · n next · / search ·
      </span>
      <Button look="quiet" className={styles.help} onClick={onHelp}>
        ? all keys
      </Button>
    </>
  )
}

function newsWords({ count, missed }: News): string | undefined {
  if (count > 0) return `${count.toLocaleString('en-US')} new`
  return missed ? 'the list has changed' : undefined
}
