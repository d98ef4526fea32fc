import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { problemText } from '../api/problem'
import { Button } from '../ui/Button'
import styles from './ListEnd.module.css'

/** What stands below a list that is loaded page by page: more of it, or why no more came. */
export const ListEnd = ({
  list,
  more = 'Show more',
}: {
  list: UseInfiniteQueryResult<InfiniteData<unknown>>
  more?: string
}) => (
  <>
    {list.hasNextPage ? (
      <p className={styles.end}>
        <Button disabled={list.isFetching} onClick={() => void list.fetchNextPage()}>
          {list.isFetchingNextPage ? 'Loading…' : more}
        </Button>
      </p>
    ) : null}
    {list.isError ? (
      <p className={styles.end} role="alert">
        {problemText(list.error).title}.{' '}
        <Button look="quiet" onClick={() => void list.refetch()}>
          Try again
        </Button>
      </p>
    ) : null}
  </>
)
