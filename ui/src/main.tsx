import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Problem } from './api/problem'
import { forgetSession } from './api/session'
import { makeRouter } from './router'
import './ui/tokens.css'
import './ui/base.css'

/** A session that ended under somebody's hands leads to the login, and from there back to the same place. */
async function onFailure(error: unknown) {
  if (!(error instanceof Problem) || error.status !== 401) return
  const { pathname, href } = router.latestLocation
  if (pathname === '/login') return
  forgetSession(client)
  await router.navigate({ to: '/login', search: { next: href, ended: '1' } })
}

/** An outage is worth a second try; a refusal stays one. */
const retry = (failures: number, error: Error) =>
  failures < 2 && error instanceof Problem && (error.status === 0 || error.status >= 500)

const client = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => void onFailure(error) }),
  mutationCache: new MutationCache({ onError: (error) => void onFailure(error) }),
  defaultOptions: { queries: { retry, retryDelay: 400 } },
})

const router = makeRouter(client)

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
