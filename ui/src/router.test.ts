import { QueryClient } from '@tanstack/react-query'
import { expect, it, vi } from 'vitest'
import pages from '../pages.json'

it('has a route for every page that the server serves, and no other', async () => {
  // Pages ask at once which keys this machine has.
  vi.stubGlobal('navigator', { userAgent: '' })
  const { makeRouter } = await import('./router')
  const { routesByPath } = makeRouter(new QueryClient())
  const routes = Object.keys(routesByPath).map((path) => path.replaceAll(/\$(\w+)/g, '{$1}'))
  expect([...new Set(routes)].sort()).toEqual(pages)
})
