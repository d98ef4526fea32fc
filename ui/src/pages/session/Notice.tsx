import type { ReactNode } from 'react'
import { Icon } from '../../ui/Icon'
import styles from './Notice.module.css'

interface NoticeProps {
  tone: 'warn' | 'error'
  title: string
  children: ReactNode
}

export const Notice = ({ tone, title, children }: NoticeProps) => (
  <div className={`${styles.notice} ${styles[tone]}`} role={tone === 'error' ? 'alert' : 'status'}>
    <Icon name="alert" />
    <div>
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  </div>
)
