import { problemText } from '../api/problem'
import { Button } from '../ui/Button'
import { Message } from '../ui/Message'

interface FailureProps {
  error: unknown
  retry: () => void
}

/** A region whose data could not be had: the server's own words and another try. */
export function Failure({ error, retry }: FailureProps) {
  const { title, detail } = problemText(error)
  return (
    <Message icon="alert" title={title} tone="error">
      <p>{detail}</p>
      <Button onClick={retry}>Try again</Button>
    </Message>
  )
}
