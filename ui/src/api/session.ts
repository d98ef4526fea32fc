// The end of a session under somebody's hands.
import type { QueryClient } from '@tanstack/react-query'
import type { Ended, Router } from '../router'
import { isTypedIn } from '../ui/typed'
import { hasDraft } from '../work/drafts'
import { sessionQuery } from './queries'

/**
 * Leads to the login, and from there back to the same place. Nothing of the tenant stays in memory but what was being written in a form of
 * an exception. `ending`: what is to be said of it there, such as
 * that a command was refused because of it.
 */
export async function endSession(
  client: QueryClient,
  router: Pick<Router, 'latestLocation' | 'navigate'>,
  ending?: Ended,
) {
  const { pathname, href } = router.latestLocation
  if (pathname === '/login') return
  const { queryKey } = sessionQuery()
  const ended = ending ?? (isTypedIn() && !hasDraft() ? 'lost' : '1')
  const auth = client.getQueryData(queryKey)?.auth ?? 'key'
  client.setQueryData(queryKey, { authenticated: false, auth })
  await router.navigate({ to: '/login', search: { next: href, ended } })
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== queryKey[0] })
}
