// Single-key commands for the whole page.
import { useEffect, useEffectEvent } from 'react'

export type Hotkeys = Record<string, ((event: KeyboardEvent) => void) | undefined>

const textInputs = new Set(['text', 'search', 'password', 'email', 'number', 'url', 'tel', 'date'])

/** Whether a key press there writes text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return textInputs.has(target.type)
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

/** Whether the element does something of its own on Enter. */
export const hasOwnEnter = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest('button, a, summary, input') !== null

/** Calls the command of a key, by `KeyboardEvent.key`; not while somebody types, with Ctrl, Alt or Meta, or under a dialog. */
export function useHotkeys(keys: Hotkeys) {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return
    keys[event.key]?.(event)
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event)
    window.addEventListener('keydown', listener)
    return () => window.removeEventListener('keydown', listener)
  }, [])
}
