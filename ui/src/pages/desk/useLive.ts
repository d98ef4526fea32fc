// The live line of the desk: what has arrived since the list was read.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import { useRouter } from '@tanstack/react-router'
import { listen, type Line } from '../../api/live'
import type { Problem } from '../../api/problem'
import { sessionQuery } from '../../api/queries'
import { endSession } from '../../api/session'
import { freshen, isEcho } from '../../api/work'
import { paths } from '../../paths'

export interface News {
  count: number
  /** The line was down: there may be more. */
  missed: boolean
}

const none: News = { count: 0, missed: false }

/** `onNews` may take the news in at once by returning true; otherwise they wait for `clear`. */
export function useLive(tenantId: string, onNews: () => boolean) {
  const client = useQueryClient()
  const router = useRouter()
  const [line, setLine] = useState<Line>('connecting')
  const [end, setEnd] = useState<Problem>()
  const [news, setNews] = useState<News>(none)

  const arrived = useEffectEvent((count: number, missed: boolean) => {
    freshen(client, tenantId)
    // What oneself did shows already. It comes without a count, as does what others did: that is told.
    if (count === 0 && isEcho()) return
    if (onNews()) setNews(none)
    else setNews((before) => ({ count: before.count + count, missed: before.missed || missed }))
  })
  const changed = useEffectEvent((next: Line) => {
    setLine(next)
    // The line also breaks when the session ends. Asking who we are tells the two apart, and leads to the login.
    if (next === 'lost') void client.invalidateQueries({ queryKey: sessionQuery().queryKey })
  })
  const ended = useEffectEvent((problem: Problem) => {
    setEnd(problem)
    // A revoked key, a session that is over or a suspended tenant: whoever logs in again is told what is so now.
    if (problem.status === 401 || problem.status === 403)
      void endSession(client, router, problem.code === 'tenant-suspended' ? 'suspended' : undefined)
  })

  useEffect(
    () =>
      listen(paths.live(tenantId), {
        onLine: (next) => changed(next),
        onReceived: (count) => arrived(count, false),
        onCatchUp: () => arrived(0, true),
        onEnd: (problem) => ended(problem),
      }),
    [tenantId],
  )

  return { line, end, news, clear: () => setNews(none) }
}
