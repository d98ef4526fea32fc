// `@name` in a text, found and marked.

interface Node {
  type: string
  value?: string
  tagName?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

interface Options {
  names: readonly string[]
  className?: string
}

const escaped = (name: string) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The text in pieces, every second one a mention. Known names may have spaces; others end with the word. */
export function splitMentions(text: string, names: readonly string[]): string[] {
  const longestFirst = [...names].sort((a, b) => b.length - a.length).map(escaped)
  const name = [...longestFirst, '[\\p{L}\\p{N}_][\\p{L}\\p{N}_.-]*[\\p{L}\\p{N}_]', '[\\p{L}\\p{N}_]'].join('|')
  return text.split(new RegExp(`(?<![\\p{L}\\p{N}_@.])(@(?:${name}))`, 'u'))
}

/** A rehype plugin: mentions become spans, but not in code and links. */
export const markMentions =
  ({ names, className }: Options) =>
  (tree: Node) => {
    const walk = (node: Node) => {
      if (node.tagName === 'code' || node.tagName === 'a') return
      node.children = node.children?.flatMap((child) => (child.type === 'text' ? marked(child.value ?? '') : [child]))
      node.children?.forEach(
        (child) => child.type === 'element' && child.properties?.dataMention === undefined && walk(child),
      )
    }
    const marked = (text: string): Node[] =>
      splitMentions(text, names).map((piece, at) =>
        at % 2 === 0
          ? { type: 'text', value: piece }
          : {
              type: 'element',
              tagName: 'span',
              properties: { className, dataMention: '' },
              children: [{ type: 'text', value: piece }],
            },
      )
    walk(tree)
  }
