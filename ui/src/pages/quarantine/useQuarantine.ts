// The state of the page: it lives in the URL, and this is how it is read and changed.
import { getRouteApi, useParams } from '@tanstack/react-router'
import type { QuarantineSearch } from '../../api/quarantine'

const route = getRouteApi('/member/quarantine')

export function useQuarantine() {
  const { session, tenantId } = route.useRouteContext()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { quarantineId } = useParams({ strict: false })
  return {
    session,
    tenantId,
    search,
    openId: quarantineId,
    setSearch: (next: QuarantineSearch) => void navigate({ to: '/quarantine', search: next }),
    open: (id: string) =>
      void navigate({
        to: '/quarantine/$quarantineId',
        params: { quarantineId: id },
        search: (now) => now,
        replace: quarantineId !== undefined,
      }),
    close: () => void navigate({ to: '/quarantine', search: (now) => now }),
  }
}
