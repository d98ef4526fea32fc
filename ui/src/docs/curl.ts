import { sample, type Document, type Operation } from './openapi'

/** A command for a shell that calls the operation. */
export function curl(document: Document, operation: Operation, origin: string): string {
  const lines = [
    `curl ${operation.method === 'get' ? '' : `-X ${operation.method.toUpperCase()} `}"${origin}${shellPath(operation)}"`,
  ]
  if (needsKey(document, operation)) lines.push('-H "X-API-KEY: $KEY"')
  const media = operation.requestBody?.content?.['application/json']
  if (media) {
    const body = media.example ?? (media.schema ? sample(document, media.schema) : {})
    lines.push('-H "Content-Type: application/json"', `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`)
  }
  return lines.join(' \\\n  ')
}

/** Path parameters become shell variables: `{exceptionId}` is `$EXCEPTION_ID`. */
const shellPath = (operation: Operation) =>
  operation.path.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => `$${name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`,
  )

/** An empty requirement means that nothing is required. */
function needsKey(document: Document, operation: Operation): boolean {
  const security = operation.security ?? document.security
  if (security === undefined) return operation.path.includes('{tenant}')
  return security.length > 0 && security.every((requirement) => Object.keys(requirement).length > 0)
}
