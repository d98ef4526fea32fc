// Failures as the server words them (RFC 9457), and the one function that turns any failure into text.

export interface Fault {
  pointer: string
  code: string
  message: string
}

export class Problem extends Error {
  override name = 'Problem'
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: Fault[] = [],
  ) {
    super(detail)
  }
}

export const unreachable = () =>
  new Problem(
    0,
    'unreachable',
    'The server cannot be reached',
    'It may be stopped or restarting, or your network is down. Nothing was lost; try again in a moment.',
  )

/** A `Problem` from an answer that is not a success, whatever its body is. */
export function problemOf(status: number, body: unknown): Problem {
  if (typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string') {
    const { title, code, errors } = body as { title?: unknown; code?: unknown; errors?: unknown }
    return new Problem(
      status,
      typeof code === 'string' ? code : 'unknown',
      typeof title === 'string' ? title : 'The server refused',
      body.detail,
      Array.isArray(errors) ? (errors as Fault[]) : [],
    )
  }
  // A proxy in front of a stopped server answers in its own words.
  if (status >= 500) return unreachable()
  return new Problem(status, 'unknown', 'The server refused', `It answered with status ${status} and gave no reason.`)
}

/** Any failure as a heading and a sentence for people. */
export function problemText(error: unknown): { title: string; detail: string } {
  if (error instanceof Problem) {
    const faults = error.errors.map((fault) => fault.message).join(' ')
    return { title: error.title, detail: [error.detail, faults].filter(Boolean).join(' ') }
  }
  return { title: 'Something went wrong in this page', detail: error instanceof Error ? error.message : String(error) }
}
