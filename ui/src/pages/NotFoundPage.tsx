import { Link } from '@tanstack/react-router'
import { Message } from '../ui/Message'

export const NotFoundPage = () => (
  <main>
    <title>Not found · SentinAI</title>
    <Message icon="search" title="There is no such page">
      <p>The address may be mistyped or from an older version.</p>
      <Link to="/desk">Go to the desk</Link>
    </Message>
  </main>
)
