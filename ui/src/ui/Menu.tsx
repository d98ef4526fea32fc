// A button with a list of commands below it. Arrows move, Esc leaves and gives the focus back.
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { Button } from './Button'
import styles from './Menu.module.css'

export interface MenuItem {
  label: string
  run: () => void
  /** Why it cannot be chosen. */
  hindrance?: string
}

export function Menu({ label, items }: { label: string; items: MenuItem[] }) {
  const [isOpen, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const listId = useId()
  const entries = () => [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
  useEffect(() => {
    if (isOpen) box.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus()
  }, [isOpen])
  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number | undefined> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (event.key === 'Escape') close()
    else if (step) {
      const all = entries()
      const at = all.findIndex((entry) => entry === document.activeElement)
      all[(at + step + all.length) % all.length]?.focus()
    } else return
    event.preventDefault()
  }
  return (
    // Only listens for the focus to leave.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={styles.box} onBlur={(event) => event.currentTarget.contains(event.relatedTarget) || setOpen(false)}>
      <Button
        ref={button}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? listId : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {label}
      </Button>
      {isOpen ? (
        <div
          ref={box}
          id={listId}
          role="menu"
          tabIndex={-1}
          aria-label={label}
          className={styles.list}
          onKeyDown={onKeyDown}
        >
          {items.map(({ label: name, run, hindrance }) => (
            <button
              key={name}
              type="button"
              role="menuitem"
              tabIndex={-1}
              aria-disabled={hindrance !== undefined}
              title={hindrance}
              onClick={() => {
                if (hindrance !== undefined) return
                close()
                run()
              }}
            >
              {name}
            </button>
          ))}
        </div>
      ) : null}
    </div>
  )
}
