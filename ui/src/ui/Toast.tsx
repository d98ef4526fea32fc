// A message at the foot of the page about what was just done. Good news goes by itself, bad news stays until it is read.
import { useEffect, useEffectEvent } from 'react'
import { Button, IconButton } from './Button'
import { Icon } from './Icon'
import { Kbd } from './Kbd'
import styles from './Toast.module.css'

export interface ToastContent {
  text: string
  tone: 'good' | 'bad'
  /** What takes it back. */
  undo?: { label: string; run: () => void }
}

const goodStays = 10_000

interface ToastProps {
  /** Another object is another message. */
  toast: ToastContent | undefined
  onClose: () => void
}

export function Toast({ toast, onClose }: ToastProps) {
  const close = useEffectEvent(onClose)
  useEffect(() => {
    if (toast?.tone !== 'good') return undefined
    const timer = setTimeout(() => close(), goodStays)
    return () => clearTimeout(timer)
  }, [toast])
  return (
    // The region is always there: readers announce what comes into one, not one that comes.
    <div className={styles.region} role={toast?.tone === 'bad' ? 'alert' : 'status'} aria-label="Messages">
      {toast ? (
        <div className={styles.toast} data-tone={toast.tone}>
          <Icon name={toast.tone === 'good' ? 'check' : 'alert'} />
          <p>{toast.text}</p>
          {toast.undo ? (
            <Button look="quiet" onClick={toast.undo.run}>
              {toast.undo.label} <Kbd>u</Kbd>
            </Button>
          ) : null}
          <IconButton icon="close" label="Close the message" onClick={onClose} />
        </div>
      ) : null}
    </div>
  )
}
