// Members of answers that are kept as the text that was sent. JSON.parse would round their numbers (77014103211118510720), shorten them
// (1.0) and sort their members; so the client turns each of them into a string that holds its JSON text.
import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser'
import type { paths } from './schema'

/** Where they are in the answers of each path; `*` is every item of a list. Null and absent members stay what they are. */
export const verbatimMembers: { [Path in keyof paths]?: readonly string[] } = {
  '/v1/tenants/{tenant}/exceptions/{exceptionId}': detailMembers(),
  '/v1/tenants/{tenant}/exceptions/{exceptionId}/commands': detailMembers('exception.'),
  '/v1/tenants/{tenant}/queues/{queue}/next': detailMembers(),
  '/v1/tenants/{tenant}/exceptions/{exceptionId}/events': ['items.*.data'],
  '/v1/tenants/{tenant}/exceptions/{exceptionId}/evidence/{sha256}': ['body'],
  '/v1/tenants/{tenant}/audit/events': ['items.*.data'],
  '/v1/tenants/{tenant}/approvals': ['items.*.exposure'],
  '/v1/tenants/{tenant}/quarantine/{quarantineId}': ['object'],
  '/v1/tenants/{tenant}/quarantine/{quarantineId}/replay': ['object'],
  '/v1/tenants/{tenant}/quarantine/{quarantineId}/discard': ['object'],
  '/v1/tenants/{tenant}/pack/document': ['approvals.*.above'],
}

function detailMembers(at = '') {
  const names = ['rawPayload', 'normalizedContext', 'envelope', 'fields.*.value', 'workflow.pending.exposure']
  return names.map((name) => at + name)
}

/** The answer with the text of these members as strings. */
export function keepVerbatim(answer: string, members: readonly string[]): string {
  const root = parseTree(answer)
  if (!root) return answer
  const kept = members.flatMap((member) => nodesAt(root, member.split('.'))).filter(({ type }) => type !== 'null')
  kept.sort((a, b) => a.offset - b.offset)
  const ends = [0, ...kept.map(({ offset, length }) => offset + length)]
  const pieces = kept.map(
    ({ offset, length }, at) => answer.slice(ends[at], offset) + JSON.stringify(answer.slice(offset, offset + length)),
  )
  return pieces.join('') + answer.slice(ends.at(-1))
}

function nodesAt(node: Node, [name, ...rest]: string[]): Node[] {
  if (name === undefined) return [node]
  if (name === '*') return (node.children ?? []).flatMap((child) => nodesAt(child, rest))
  const found = node.type === 'object' ? findNodeAtLocation(node, [name]) : undefined
  return found ? nodesAt(found, rest) : []
}

/** The JSON text of such a member; the schema knows only what it was before. */
export const textOf = (member: unknown): string =>
  typeof member === 'string' ? member : JSON.stringify(member ?? null)

/** Such a member as an object whose texts can be read. Its numbers are not exact: show them with `JsonTree`. */
export const readable = (member: unknown): Record<string, unknown> => {
  const value: unknown = JSON.parse(textOf(member))
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
