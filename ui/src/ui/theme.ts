// The chosen theme, kept in this browser; `public/theme.js` applies it before the first paint.
import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'

const storageKey = 'sentinai.theme'
const listeners = new Set<() => void>()
const order: readonly Theme[] = ['system', 'light', 'dark']

function read(): Theme {
  const { theme } = document.documentElement.dataset
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

function write(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    localStorage.setItem(storageKey, theme)
  } catch {
    // Storage may be switched off; the choice then lasts until the page is closed.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function useTheme() {
  const theme = useSyncExternalStore(subscribe, read)
  const next = order[(order.indexOf(theme) + 1) % order.length] ?? 'system'
  return { theme, next, toggle: () => write(next) }
}
