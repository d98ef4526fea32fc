// The frame around every page of a logged-in person: header, rail, page, footer.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Session } from '../api/types'
import { paths } from '../paths'
import { Icon } from '../ui/Icon'
import { ThemeToggle } from '../ui/ThemeToggle'
import { ApprovalsLink } from './ApprovalsLink'
import { LogOut } from './LogOut'
import styles from './Shell.module.css'

interface ShellProps {
  session: Session
  search: ReactNode
  footer: ReactNode
  children: ReactNode
}

export function Shell({ session, search, footer, children }: ShellProps) {
  return (
    <div className={styles.shell}>
      <header className={styles.header}>
        <Link className={styles.brand} to="/desk">
          <img src="/icon.svg" alt="" width={20} height={20} />
          SentinAI
        </Link>
        <span className={styles.tenant} title={`Tenant ${session.tenantId ?? ''}`}>
          <span className="visually-hidden">Tenant </span>
          <span className={styles.tenantId}>{session.tenantId}</span>
        </span>
        {search}
        <ThemeToggle />
        <span className={styles.role} title={session.name ?? undefined}>
          <span className="visually-hidden">Role </span>
          {session.role}
        </span>
        {session.auth === 'off' ? <span className={styles.open}>no authentication</span> : null}
        <LogOut />
      </header>
      <nav className={styles.rail} aria-label="Pages">
        <Link to="/desk">
          <Icon name="inbox" size={18} />
          Desk
        </Link>
        <Link to="/ageing">
          <Icon name="ageing" size={18} />
          Ageing
        </Link>
        <ApprovalsLink session={session} />
        <Link to="/quarantine">
          <Icon name="quarantine" size={18} />
          Refused
        </Link>
        <Link to="/bulk">
          <Icon name="bulk" size={18} />
          Bulk
        </Link>
        {session.role === 'supervisor' || session.role === 'admin' ? (
          <Link to="/audit">
            <Icon name="lock" size={18} />
            Audit
          </Link>
        ) : null}
        <Link to="/jobs">
          <Icon name="jobs" size={18} />
          Jobs
        </Link>
        <a href={paths.apiReference()} className={styles.last}>
          <Icon name="book" size={18} />
          API
        </a>
      </nav>
      <div className={styles.page}>{children}</div>
      <footer className={styles.footer}>{footer}</footer>
    </div>
  )
}
