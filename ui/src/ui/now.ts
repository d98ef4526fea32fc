// One timer for every age and countdown on the page.
import { useSyncExternalStore } from 'react'

const every = 5_000
const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function tick() {
  now = Date.now()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(tick, every)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

const read = () => (timer === undefined ? (now = Math.floor(Date.now() / every) * every) : now)

/** The present in epoch milliseconds, ticking. */
export const useNow = () => useSyncExternalStore(subscribe, read)
