// Reading the list again from its top, without asking again for every page that was ever scrolled to.
import type { QueryClient } from '@tanstack/react-query'
import type { DeskSearch } from './filter'
import { exceptionsQuery } from './queries'

export async function reloadList(client: QueryClient, tenant: string, search: DeskSearch) {
  const { queryKey } = exceptionsQuery(tenant, search)
  client.setQueryData(
    queryKey,
    (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
  )
  // Lists of other filters are out of date as well; they are read when somebody goes there.
  client.removeQueries({ queryKey: [tenant, 'exceptions'], type: 'inactive' })
  await client.refetchQueries({ queryKey, exact: true })
}
