// The state of the page: it lives in the URL, and this is how it is read and changed.
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useParams } from '@tanstack/react-router'
import { codesQuery } from '../../api/codes'
import { packQuery } from '../../api/queries'

const route = getRouteApi('/member/bulk')

export function useBulk() {
  const { session, tenantId } = route.useRouteContext()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { runId } = useParams({ strict: false })
  const pack = useQuery(packQuery(tenantId)).data
  const codes = useQuery(codesQuery(tenantId)).data
  return {
    session,
    tenantId,
    search,
    labels: { pack, codes },
    openId: runId,
    close: () => void navigate({ to: '/bulk' }),
  }
}
