// What each key does on the desk; `HelpDialog` lists them for people.
import type { RefObject } from 'react'
import { hasOwnEnter, useHotkeys } from '../../ui/hotkeys'
import type { ListHandle } from './ExceptionList'
import type { Cursor } from './useCursor'

interface DeskKeys {
  cursor: Cursor
  handle: RefObject<ListHandle | null>
  close: (() => void) | undefined
  search: () => void
  toggleFacets: () => void
  loadNew: () => void
  help: () => void
}

/** In the open exception and in the filters these keys scroll; elsewhere they move through the list. */
const scrollsItself = (event: KeyboardEvent) =>
  event.target instanceof Element && event.target.closest('aside') !== null

export function useDeskKeys({ cursor, handle, close, search, toggleFacets, loadNew, help }: DeskKeys) {
  const command = (run: () => void) => (event: KeyboardEvent) => {
    event.preventDefault()
    run()
  }
  const inList = (run: () => void) => (event: KeyboardEvent) => {
    if (!scrollsItself(event)) command(run)(event)
  }
  const page = () => handle.current?.pageLength() ?? 10
  useHotkeys({
    j: command(() => cursor.moveBy(1)),
    k: command(() => cursor.moveBy(-1)),
    ArrowDown: inList(() => cursor.moveBy(1)),
    ArrowUp: inList(() => cursor.moveBy(-1)),
    PageDown: inList(() => cursor.moveBy(page())),
    PageUp: inList(() => cursor.moveBy(-page())),
    Home: inList(() => cursor.moveTo(0)),
    End: inList(() => cursor.toLast()),
    Enter: (event) => {
      if (hasOwnEnter(event.target)) return
      command(cursor.openHere)(event)
    },
    Escape:
      close &&
      command(() => {
        close()
        handle.current?.focusCursor()
      }),
    '/': command(search),
    f: command(toggleFacets),
    '.': command(loadNew),
    '?': command(help),
  })
}
