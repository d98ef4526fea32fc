// What a region says when it has nothing to show: empty, failed, not found.
import type { ReactNode } from 'react'
import { Icon, type IconName } from './Icon'
import styles from './Message.module.css'

interface MessageProps {
  icon: IconName
  title: string
  /** Failures are announced at once. */
  tone?: 'calm' | 'error'
  children?: ReactNode
}

export function Message({ icon, title, tone = 'calm', children }: MessageProps) {
  return (
    <div className={styles.message} role={tone === 'error' ? 'alert' : undefined}>
      <span className={tone === 'error' ? styles.error : styles.icon}>
        <Icon name={icon} size={22} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  )
}
