import { shortSpan } from '../ui/duration'
import { useNow } from '../ui/now'
import { fullTime } from '../ui/time'

/** How long ago, in one unit. */
export function Age({ since }: { since: string }) {
  const now = useNow()
  return (
    <time dateTime={since} title={fullTime(since)}>
      {shortSpan(now - Date.parse(since))}
    </time>
  )
}
