import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Problem } from './api/problem'
import { endSession } from './api/session'
import { makeRouter } from './router'
import './ui/tokens.css'
import './ui/base.css'

const onFailure = (error: unknown) => {
  if (error instanceof Problem && error.status === 401) void endSession(client, router)
}

/** An outage is worth a second try; a refusal stays one. */
const retry = (failures: number, error: Error) =>
  failures < 2 && error instanceof Problem && (error.status === 0 || error.status >= 500)

const client = new QueryClient({
  queryCache: new QueryCache({ onError: onFailure }),
  mutationCache: new MutationCache({ onError: onFailure }),
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
