// The one place that talks HTTP to the server: typed by the generated schema, failing only with `Problem`.
import createClient from 'openapi-fetch'
import { Problem, problemOf, unreachable } from './problem'
import type { paths } from './schema'
import { keepVerbatim, verbatimMembers } from './verbatim'

export const api = createClient<paths>({ credentials: 'same-origin' })

api.use({
  onResponse: async ({ schemaPath, response }) => {
    const members = verbatimMembers[schemaPath as keyof paths]
    if (!members || !response.ok || response.status === 204) return undefined
    const { status, headers } = response
    return new Response(keepVerbatim(await response.text(), members), { status, headers })
  },
})

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of a good answer; anything else is thrown as a `Problem`. */
export async function unwrap<T>(request: Promise<Answer<T>>): Promise<T> {
  const answer = await request.catch((cause: unknown) => {
    // An aborted request is no failure: the query that asked has gone.
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    if (cause instanceof Problem) throw cause
    throw unreachable()
  })
  if (!answer.response.ok) throw problemOf(answer.response.status, answer.error)
  return answer.data as T
}
