// The end of a session, whoever ends it: nothing of the tenant stays in memory.
import type { QueryClient } from '@tanstack/react-query'
import { sessionQuery } from './queries'

export function forgetSession(client: QueryClient) {
  const { queryKey } = sessionQuery()
  const auth = client.getQueryData(queryKey)?.auth ?? 'key'
  client.clear()
  client.setQueryData(queryKey, { authenticated: false, auth })
}
