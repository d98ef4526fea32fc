// The session may change in another tab, or end while nobody asks anything.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { sessionQuery } from '../api/queries'
import { endSession } from '../api/session'

/** Looks again whenever the window gets the focus, and leaves what is not (any more) this tenant's. */
export function useSessionWatch(tenantId: string) {
  const client = useQueryClient()
  const router = useRouter()
  const { data } = useQuery({ ...sessionQuery(), refetchOnWindowFocus: 'always' })
  const hasEnded = data?.authenticated === false
  const isOther = data?.authenticated === true && data.tenantId !== tenantId
  useEffect(() => {
    if (hasEnded) void endSession(client, router)
    if (isOther) void router.invalidate()
  }, [hasEnded, isOther, client, router])
}
