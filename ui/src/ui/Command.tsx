import { CopyButton } from './CopyButton'
import styles from './Command.module.css'

/** A shell command to copy. */
export function Command({ children }: { children: string }) {
  return (
    <div className={styles.command}>
      {/* Long commands scroll, and can be scrolled from the keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} aria-label="Command">
        {children}
      </pre>
      <CopyButton text={children} label="Copy" />
    </div>
  )
}
