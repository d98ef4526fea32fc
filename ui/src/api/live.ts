// The server's event stream of one tenant: what arrives, and whether the line is up.

export type Line = 'connecting' | 'live' | 'lost'

export interface LiveHandlers {
  onLine: (line: Line) => void
  /** So many exceptions were stored since the last call. */
  onReceived: (count: number) => void
  /** The line is back; what happened meanwhile is not known. */
  onCatchUp: () => void
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
    handlers.onReceived(received)
    received = 0
  }

  const open = () => {
    source = new EventSource(url)
    source.onopen = () => {
      wait = retryFirst
      handlers.onLine('live')
      if (missed) handlers.onCatchUp()
      missed = false
    }
    source.addEventListener('exceptions', (event: MessageEvent<string>) => {
      received += receivedCount(event.data)
      burst ??= setTimeout(flush, settle)
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

/** `received` of the event's data; an event we cannot read still means that something came. */
export function receivedCount(data: string): number {
  try {
    const { received } = JSON.parse(data) as { received?: unknown }
    return typeof received === 'number' ? received : 1
  } catch {
    return 1
  }
}
