// JSON as a tree that folds, drawn with the platform's own disclosure.
import styles from './JsonTree.module.css'

interface NodeProps {
  name?: string
  value: unknown
  depth?: number
}

export function JsonTree({ value }: { value: unknown }) {
  return (
    <div className={styles.tree}>
      <Node value={value} />
    </div>
  )
}

function Node({ name, value, depth = 0 }: NodeProps) {
  if (typeof value !== 'object' || value === null) return <Leaf name={name} value={value} />
  const isList = Array.isArray(value)
  const children = Object.entries(value)
  if (children.length === 0) return <Leaf name={name} value={value} />
  return (
    <details open={depth < 2} className={styles.branch}>
      <summary>
        <Name name={name} />
        <span className={styles.count}>
          {isList ? `[${children.length}]` : `{${children.length}}`}
          <span className="visually-hidden">{isList ? ' entries' : ' members'}</span>
        </span>
      </summary>
      <div className={styles.children}>
        {children.map(([key, child]) => (
          <Node key={key} name={key} value={child} depth={depth + 1} />
        ))}
      </div>
    </details>
  )
}

function Leaf({ name, value }: NodeProps) {
  return (
    <div className={styles.leaf}>
      <Name name={name} />
      <span className={styles[typeof value]}>{JSON.stringify(value)}</span>
    </div>
  )
}

const Name = ({ name }: { name?: string }) =>
  name === undefined ? null : (
    <span className={styles.name}>
      {name}
      {': '}
    </span>
  )
