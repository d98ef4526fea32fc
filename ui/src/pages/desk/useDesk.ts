// The state of the desk: it lives in the URL, and this is how it is read and changed.
import { getRouteApi, useParams } from '@tanstack/react-router'
import type { DeskSearch } from '../../api/filter'

const deskRoute = getRouteApi('/member/desk')

interface Change {
  /** Replaces the entry in the history: for typing and for walking through the list. */
  replace?: boolean
}

export function useDesk() {
  const { session, tenantId } = deskRoute.useRouteContext()
  const search = deskRoute.useSearch()
  const navigate = deskRoute.useNavigate()
  const { exceptionId } = useParams({ strict: false })
  return {
    session,
    tenantId,
    search,
    openId: exceptionId,
    setSearch: (next: DeskSearch, { replace }: Change = {}) => void navigate({ to: '.', search: next, replace }),
    open: (id: string, { replace }: Change = {}) =>
      void navigate({
        to: '/desk/exceptions/$exceptionId',
        params: { exceptionId: id },
        search: (now) => now,
        replace,
      }),
    close: () => void navigate({ to: '/desk', search: (now) => now }),
  }
}
