import { useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { problemText } from '../api/problem'
import { Button } from '../ui/Button'
import { Message } from '../ui/Message'

/** A whole page that could not be shown. */
export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const { title, detail } = problemText(error)
  const retry = () => {
    reset()
    void router.invalidate()
  }
  return (
    <main>
      <title>SentinAI</title>
      <Message icon="alert" title={title} tone="error">
        <p>{detail}</p>
        <Button onClick={retry}>Try again</Button>
      </Message>
    </main>
  )
}
