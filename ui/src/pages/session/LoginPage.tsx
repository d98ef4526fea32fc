import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { problemText } from '../../api/problem'
import { sessionQuery } from '../../api/queries'
import { Button } from '../../ui/Button'
import { ThemeToggle } from '../../ui/ThemeToggle'
import { hasDraft } from '../../work/drafts'
import { LoginForm } from './LoginForm'
import { Notice } from './Notice'
import styles from './LoginPage.module.css'

const endedWords = {
  '1': 'Log in again to go on where you were.',
  undone: 'Log in again to go on where you were. What you did last was not done.',
  lost: 'Log in again to go on where you were. What you had typed is lost.',
  suspended: 'The tenant is suspended. Once that is lifted, log in again to go on where you were.',
}

const route = getRouteApi('/login')

export function LoginPage() {
  const { next, ended } = route.useSearch()
  const session = useQuery(sessionQuery())
  return (
    <main className={styles.page}>
      <title>Log in · SentinAI</title>
      <div className={styles.corner}>
        <ThemeToggle />
      </div>
      <div className={styles.card}>
        <h1 className={styles.brand}>
          <img src="/icon.svg" alt="" width={28} height={28} />
          SentinAI
        </h1>
        <p className={styles.lead}>The exception desk for business operations</p>
        {session.isError ? <Unreachable error={session.error} retry={() => void session.refetch()} /> : null}
        {ended && !session.isError ? (
          <Notice tone="warn" title="Your session has ended">
            {endedWords[ended]}
            {hasDraft() ? ' What you were writing is kept for you in this window.' : ''}
          </Notice>
        ) : null}
        <LoginForm auth={session.data?.auth ?? 'key'} next={next} />
      </div>
    </main>
  )
}

function Unreachable({ error, retry }: { error: Error; retry: () => void }) {
  const { title, detail } = problemText(error)
  return (
    <Notice tone="error" title={title}>
      {detail}{' '}
      <Button look="quiet" onClick={retry}>
        Try again
      </Button>
    </Notice>
  )
}
