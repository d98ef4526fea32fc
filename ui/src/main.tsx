import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Problem } from './api/problem'
import { endSession } from './api/session'
import { makeRouter } from './router'
import './ui/tokens.css'
import './ui/base.css'

const isEnd = (error: unknown) => error instanceof Problem && error.status === 401

/** An outage is worth a second try; a refusal stays one. */
const retry = (failures: number, error: Error) =>
  failures < 2 && error instanceof Problem && (error.status === 0 || error.status >= 500)

const client = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => void (isEnd(error) && endSession(client, router)) }),
  mutationCache: new MutationCache({ onError: (error) => void (isEnd(error) && endSession(client, router, 'undone')) }),
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
