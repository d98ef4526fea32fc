// A JSON text as a tree that folds, drawn with the platform's own disclosure.
import { readJson, type JsonNode } from './json'
import styles from './JsonTree.module.css'

interface JsonTreeProps {
  text: string
  /** How many levels are unfolded at first. */
  levels?: number
  /** What to say beside a text, such as the name of whom it means. */
  meaning?: (value: string, name: string | undefined) => string | undefined
}

interface NodeProps extends Pick<JsonTreeProps, 'meaning' | 'levels'> {
  name?: string
  node: JsonNode
  depth?: number
}

export function JsonTree({ text, levels = 2, meaning }: JsonTreeProps) {
  return (
    <div className={styles.tree}>
      <Branch node={readJson(text)} levels={levels} meaning={meaning} />
    </div>
  )
}

function Branch({ name, node, meaning, levels = 0, depth = 0 }: NodeProps) {
  if (node.kind !== 'object' && node.kind !== 'array')
    return <Leaf name={name} kind={node.kind} text={node.text} meaning={meaning} />
  const isList = node.kind === 'array'
  const children = isList ? node.items.map((value, at) => ({ name: String(at), value })) : node.members
  if (children.length === 0) return <Leaf name={name} kind="object" text={isList ? '[]' : '{}'} />
  return (
    <details open={depth < levels} className={styles.branch}>
      <summary>
        <Name name={name} />
        <span className={styles.count}>
          {isList ? `[${children.length}]` : `{${children.length}}`}
          <span className="visually-hidden">{isList ? ' entries' : ' members'}</span>
        </span>
      </summary>
      <div className={styles.children}>
        {children.map((child, at) => (
          // The items of a list mean what the list means.
          <Branch
            key={at}
            name={child.name}
            node={child.value}
            depth={depth + 1}
            levels={levels}
            meaning={isList ? meaning && ((value) => meaning(value, name)) : meaning}
          />
        ))}
      </div>
    </details>
  )
}

interface LeafProps extends Pick<JsonTreeProps, 'meaning'> {
  name?: string
  kind: JsonNode['kind']
  text: string
}

function Leaf({ name, kind, text, meaning }: LeafProps) {
  const value = kind === 'string' ? stringIn(text) : undefined
  const meant = value === undefined ? undefined : meaning?.(value, name)
  return (
    <div className={styles.leaf}>
      <Name name={name} />
      <span className={styles[kind]}>{value === undefined ? text : JSON.stringify(value)}</span>
      {meant ? <span className={styles.meaning}> {meant}</span> : null}
    </div>
  )
}

/** A text as people read it: `é` also where `\u00e9` is written. */
function stringIn(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    return text
  }
}

const Name = ({ name }: { name?: string }) =>
  name === undefined ? null : (
    <span className={styles.name}>
      {name}
      {': '}
    </span>
  )
