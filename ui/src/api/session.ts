// The end of a session under somebody's hands.
import type { QueryClient } from '@tanstack/react-query'
import type { Router } from '../router'
import { sessionQuery } from './queries'

/** Leads to the login, and from there back to the same place. Nothing of the tenant stays in memory. */
export async function endSession(client: QueryClient, router: Pick<Router, 'latestLocation' | 'navigate'>) {
  const { pathname, href } = router.latestLocation
  if (pathname === '/login') return
  const { queryKey } = sessionQuery()
  const auth = client.getQueryData(queryKey)?.auth ?? 'key'
  client.setQueryData(queryKey, { authenticated: false, auth })
  await router.navigate({ to: '/login', search: { next: href, ended: '1' } })
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== queryKey[0] })
}
