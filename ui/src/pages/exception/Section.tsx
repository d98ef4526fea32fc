import { useId, type ReactNode } from 'react'
import styles from './ExceptionPanel.module.css'

interface SectionProps {
  title: string
  /** Beside the heading, at the right. */
  aside?: ReactNode
  children: ReactNode
}

export function Section({ title, aside, children }: SectionProps) {
  const titleId = useId()
  return (
    <section className={styles.section} aria-labelledby={titleId}>
      <div className={styles.sectionHead}>
        <h3 id={titleId}>{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  )
}
