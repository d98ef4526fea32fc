// The server's event stream of one tenant: what arrives, and whether the line is up.

import { problemOf, type Problem } from './problem'

/** `ended`: the server said why it tells no more, and nobody tries again. */
export type Line = 'connecting' | 'live' | 'lost' | 'ended'

export interface LiveHandlers {
  onLine: (line: Line) => void
  /** So many exceptions were stored since the last call. */
  onReceived: (count: number) => void
  /** Something may have been missed: the line is back after a break, or the server says so. */
  onCatchUp: () => void
  /** The server has ended the line, for the reason it would refuse a new one. */
  onEnd: (problem: Problem) => void
}

/** Bursts are told once per this time. */
const settle = 400
const retryFirst = 1_000
const retryMost = 15_000

/** Listens until the returned function is called. Reconnects by itself, also after an answer that EventSource gives up on. */
export function listen(url: string, handlers: LiveHandlers): () => void {
  let source: EventSource | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let burst: ReturnType<typeof setTimeout> | undefined
  let wait = retryFirst
  let received = 0
  let missed = false

  const flush = () => {
    burst = undefined
    if (received > 0) handlers.onReceived(received)
    if (missed) handlers.onCatchUp()
    received = 0
    missed = false
  }

  const open = () => {
    source = new EventSource(url)
    source.onopen = () => {
      wait = retryFirst
      handlers.onLine('live')
      if (missed) burst ??= setTimeout(flush, settle)
    }
    source.addEventListener('exceptions', (event: MessageEvent<string>) => {
      const count = receivedCount(event.data)
      received += count
      missed ||= count === 0
      burst ??= setTimeout(flush, settle)
    })
    source.addEventListener('end', (event: MessageEvent<string>) => {
      source?.close()
      handlers.onLine('ended')
      handlers.onEnd(endOf(event.data))
    })
    source.onerror = () => {
      source?.close()
      missed = true
      handlers.onLine('lost')
      retry = setTimeout(open, wait)
      wait = Math.min(wait * 2, retryMost)
    }
  }

  open()
  return () => {
    clearTimeout(retry)
    clearTimeout(burst)
    source?.close()
  }
}

/** `received` of the event's data; 0 where the server or we do not know what came. */
export function receivedCount(data: string): number {
  try {
    const { received } = JSON.parse(data) as { received?: unknown }
    return typeof received === 'number' ? received : 0
  } catch {
    return 0
  }
}

/** The problem of an `end` event. */
export function endOf(data: string): Problem {
  try {
    const body = JSON.parse(data) as { status?: unknown } | null
    return problemOf(typeof body?.status === 'number' ? body.status : 400, body)
  } catch {
    return problemOf(400, undefined)
  }
}
