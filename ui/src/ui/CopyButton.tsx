import { useState } from 'react'
import { Icon, type IconName } from './Icon'
import styles from './CopyButton.module.css'

interface CopyButtonProps {
  /** The text, or how to make it at the time of the click. */
  text: string | (() => string)
  label: string
  icon?: IconName
  /** Only the icon is drawn; the label is read aloud and shown on hover. */
  compact?: boolean
}

/** Copies a text and says so, or says that the browser did not allow it. */
export function CopyButton({ text, label, icon = 'copy', compact = false }: CopyButtonProps) {
  const [done, setDone] = useState<'copied' | 'refused'>()
  const copy = async () => {
    setDone(await write(typeof text === 'string' ? text : text()))
    setTimeout(() => setDone(undefined), 1_600)
  }
  const says = done === 'copied' ? 'Copied' : done === 'refused' ? 'The browser refused' : label
  return (
    <button type="button" className={styles.copy} onClick={() => void copy()} title={label}>
      <Icon name={done === 'copied' ? 'check' : icon} size={14} />
      <span className={compact && !done ? 'visually-hidden' : undefined} aria-live="polite">
        {says}
      </span>
    </button>
  )
}

/** `navigator.clipboard` exists only in secure contexts; over plain http a selection is copied instead. */
async function write(text: string): Promise<'copied' | 'refused'> {
  try {
    await navigator.clipboard.writeText(text)
    return 'copied'
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    const copied = document.execCommand('copy')
    area.remove()
    return copied ? 'copied' : 'refused'
  }
}
