// The API reference: a page of its own, drawn from /openapi.json of the server it is served by.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ReferencePage } from './ReferencePage'
import '../ui/tokens.css'
import '../ui/base.css'

const root = document.getElementById('root')
if (!root) throw new Error('docs.html has no #root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <ReferencePage />
    </QueryClientProvider>
  </StrictMode>,
)
