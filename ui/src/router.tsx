// The pages, their addresses and what a stranger may see of them.
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router'
import { readApprovals } from './api/approvals'
import { readBulk } from './api/bulk'
import { readAudit } from './api/audit'
import { readParameters, readSearch } from './api/filter'
import { readQuarantine } from './api/quarantine'
import { sessionQuery } from './api/queries'
import { PageError } from './components/PageError'
import { AgeingPage } from './pages/ageing/AgeingPage'
import { ApprovalsPage } from './pages/approvals/ApprovalsPage'
import { BulkPage } from './pages/bulk/BulkPage'
import { RunPanel } from './pages/bulk/RunPanel'
import { AuditPage } from './pages/audit/AuditPage'
import { DeskPage } from './pages/desk/DeskPage'
import { ExceptionPanel } from './pages/exception/ExceptionPanel'
import { JobsPage } from './pages/jobs/JobsPage'
import { MemberFrame } from './pages/MemberFrame'
import { QuarantinePage } from './pages/quarantine/QuarantinePage'
import { QuarantinePanel } from './pages/quarantine/QuarantinePanel'
import { LoginPage } from './pages/session/LoginPage'
import { NotFoundPage } from './pages/NotFoundPage'
import { approvalsQuery, auditQuery, deskQuery, quarantineQuery, queryString, safeNext } from './paths'

const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  errorComponent: PageError,
  notFoundComponent: NotFoundPage,
})

/** The end of a session: what it left undone, a command that was sent or what was typed, or its reason. */
export type Ended = '1' | 'undone' | 'lost' | 'suspended'
const endings: readonly unknown[] = ['1', 'undone', 'lost', 'suspended']

interface LoginSearch {
  /** Where to go afterwards. */
  next?: string
  /** A session was there and has ended. */
  ended?: Ended
}

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (raw: Record<string, unknown>): LoginSearch => ({
    next: typeof raw.next === 'string' ? raw.next : undefined,
    ended: endings.includes(raw.ended) ? (raw.ended as Ended) : undefined,
  }),
  beforeLoad: ({ context, search }) => {
    // Whoever is known already needs no login; whether the server can be reached is for the page to say.
    if (context.client.getQueryData(sessionQuery().queryKey)?.authenticated)
      throw redirect({ href: safeNext(search.next), replace: true })
  },
  component: LoginPage,
})

/** Everything that needs a session; without one the way leads to the login and back. */
const memberRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'member',
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery())
    const { tenantId } = session
    if (!session.authenticated || !tenantId) throw redirect({ to: '/login', search: { next: location.href } })
    return { session, tenantId }
  },
  component: MemberFrame,
})

const homeRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/desk', replace: true })
  },
})

const deskRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/desk',
  validateSearch: readSearch,
  component: DeskPage,
})

const exceptionRoute = createRoute({
  getParentRoute: () => deskRoute,
  path: '/exceptions/$exceptionId',
  component: ExceptionPanel,
})

const approvalsRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/approvals',
  validateSearch: readApprovals,
  component: ApprovalsPage,
})

const quarantineRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/quarantine',
  validateSearch: readQuarantine,
  component: QuarantinePage,
})

const quarantinedRoute = createRoute({
  getParentRoute: () => quarantineRoute,
  path: '/$quarantineId',
  component: QuarantinePanel,
})

const bulkRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/bulk',
  validateSearch: readBulk,
  component: BulkPage,
})

const runRoute = createRoute({
  getParentRoute: () => bulkRoute,
  path: '/$runId',
  component: RunPanel,
})

const auditRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/audit',
  validateSearch: readAudit,
  component: AuditPage,
})

const jobsRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/jobs',
  component: JobsPage,
})

const ageingRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/ageing',
  component: AgeingPage,
})

const routeTree = rootRoute.addChildren([
  loginRoute,
  memberRoute.addChildren([
    homeRoute,
    deskRoute.addChildren([exceptionRoute]),
    approvalsRoute,
    quarantineRoute.addChildren([quarantinedRoute]),
    bulkRoute.addChildren([runRoute]),
    auditRoute,
    jobsRoute,
    ageingRoute,
  ]),
])

/** Search parameters are plain text with commas, as the API takes them: people read, edit and share these addresses. */
const stringifySearch = (search: Record<string, unknown>) => {
  const { next, ended } = search as Record<string, string | undefined>
  return (
    deskQuery(readSearch(search)) ||
    quarantineQuery(readQuarantine(search)) ||
    approvalsQuery(readApprovals(search)) ||
    auditQuery(readAudit(search)) ||
    queryString({ next, ended, outcome: readBulk(search).outcome })
  )
}

export const makeRouter = (client: QueryClient) =>
  createRouter({
    routeTree,
    context: { client },
    parseSearch: readParameters,
    stringifySearch,
    scrollRestoration: false,
  })

export type Router = ReturnType<typeof makeRouter>

declare module '@tanstack/react-router' {
  interface Register {
    router: Router
  }
}
