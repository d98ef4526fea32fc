// JSON texts as trees that keep every number as it is written and every member at its place.
import { parseTree, type Node } from 'jsonc-parser'

export type JsonNode =
  | { kind: 'object'; members: { name: string; value: JsonNode }[] }
  | { kind: 'array'; items: JsonNode[] }
  /** `text` as it is written. */
  | { kind: 'string' | 'number' | 'boolean' | 'null'; text: string }

/** Reads a text; what is not JSON is one leaf. */
export function readJson(text: string): JsonNode {
  const root = parseTree(text)
  return root ? treeOf(root, text) : { kind: 'string', text }
}

function treeOf(node: Node, text: string): JsonNode {
  const children = node.children ?? []
  switch (node.type) {
    case 'object':
      return {
        kind: 'object',
        members: children.flatMap(({ children: [name, value] = [] }) =>
          name && value ? [{ name: name.value as string, value: treeOf(value, text) }] : [],
        ),
      }
    case 'array':
      return { kind: 'array', items: children.map((child) => treeOf(child, text)) }
    default:
      return { kind: node.type as 'string', text: text.slice(node.offset, node.offset + node.length) }
  }
}

/** The text with line breaks and two spaces per level, and otherwise as it is written. */
export function prettyJson(text: string): string {
  const root = parseTree(text)
  return root ? pretty(root, text, '\n') : text
}

function pretty(node: Node, text: string, line: string): string {
  const children = node.children ?? []
  const inner = `${line}  `
  if (children.length > 0 && node.type === 'object')
    return `{${children.map((child) => inner + pretty(child, text, inner)).join(',')}${line}}`
  if (children.length > 0 && node.type === 'array')
    return `[${children.map((child) => inner + pretty(child, text, inner)).join(',')}${line}]`
  const [name, value] = children
  if (node.type === 'property' && name && value)
    return `${text.slice(name.offset, name.offset + name.length)}: ${pretty(value, text, line)}`
  // Also what is empty, whatever blanks are inside.
  if (node.type === 'object') return '{}'
  return node.type === 'array' ? '[]' : text.slice(node.offset, node.offset + node.length)
}

/** A number as people read it: groups of three, and two decimals where it has fewer but is no whole number. Every digit stays. */
export function amountText(text: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (!whole) return text
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return sign + grouped + (/[1-9]/.test(fraction) ? `.${fraction.padEnd(2, '0')}` : '')
}

/** Every text in a JSON text, with the name of the member that holds it or the list it is in. */
export function textsIn(text: string): { name: string | undefined; value: string }[] {
  const root = parseTree(text)
  return root ? textsBelow(root) : []
}

function textsBelow(node: Node, name?: string): { name: string | undefined; value: string }[] {
  if (node.type === 'string') return [{ name, value: node.value as string }]
  const [key, value] = node.children ?? []
  if (node.type === 'property') return key && value ? textsBelow(value, key.value as string) : []
  return (node.children ?? []).flatMap((child) => textsBelow(child, name))
}
