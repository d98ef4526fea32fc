// What every page of somebody who is logged in has: work on exceptions, and word of it.
import { getRouteApi, Outlet } from '@tanstack/react-router'
import { WorkProvider } from '../work/WorkProvider'

const route = getRouteApi('/member')

export function MemberFrame() {
  const { session, tenantId } = route.useRouteContext()
  return (
    <WorkProvider session={session} tenantId={tenantId}>
      <Outlet />
    </WorkProvider>
  )
}
