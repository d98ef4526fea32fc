import { Prose } from '../ui/Prose'
import { membersOf, refName, resolve, typeWords, type Document, type Schema } from './openapi'
import styles from './SchemaView.module.css'

interface SchemaViewProps {
  document: Document
  schema: Schema
  /** Names on the way here: a schema that contains itself is not unfolded for ever. */
  within?: string[]
}

/** The members of an object, each with what is below it folded away. */
export function SchemaView({ document, schema, within = [] }: SchemaViewProps) {
  const own = resolve(document, schema)
  const members = membersOf(document, schema)
  const name = refName(schema)
  const path = name ? [...within, name] : within
  if (own.items && members) return <SchemaView document={document} schema={own.items} within={path} />
  const parts = (own.allOf ?? own.oneOf ?? own.anyOf ?? []).filter((part) => part.type !== 'null')
  return (
    <div className={styles.members}>
      {Object.entries(own.properties ?? {}).map(([member, value]) => (
        <Member
          key={member}
          name={member}
          required={own.required?.includes(member) ?? false}
          document={document}
          schema={value}
          within={path}
        />
      ))}
      {parts.map((part, at) => (
        <div key={at}>
          {!own.allOf && parts.length > 1 ? (
            <p className={styles.choice}>
              {at === 0 ? 'Either' : 'or'} {typeWords(part)}
            </p>
          ) : null}
          <SchemaView document={document} schema={part} within={path} />
        </div>
      ))}
      {typeof own.additionalProperties === 'object' && members ? (
        <SchemaView document={document} schema={own.additionalProperties} within={path} />
      ) : null}
    </div>
  )
}

interface MemberProps {
  name: string
  required: boolean
  document: Document
  schema: Schema
  within: string[]
}

function Member({ name, required, document, schema, within }: MemberProps) {
  const target = schema.items ?? schema
  const names = [target, ...(target.oneOf ?? target.anyOf ?? [])].map(refName)
  const isRecursive = names.some((one) => one !== undefined && within.includes(one))
  const members = isRecursive ? undefined : membersOf(document, schema)
  return (
    <div className={styles.member}>
      <p>
        <code className={styles.name}>{name}</code> <span className={styles.type}>{typeWords(schema)}</span>{' '}
        {required ? <span className={styles.required}>required</span> : null}
      </p>
      <Remarks document={document} schema={schema} />
      {members ? (
        <details>
          <summary>{typeWords(schema)}</summary>
          <SchemaView document={document} schema={schema} within={within} />
        </details>
      ) : null}
    </div>
  )
}

/** What the type alone does not say. */
export function Remarks({ document, schema }: { document: Document; schema: Schema }) {
  const own = resolve(document, schema)
  const description = schema.description ?? own.description
  const values = own.enum ?? (own.items ? resolve(document, own.items).enum : undefined)
  const facts = [
    own.default === undefined ? undefined : `Default ${JSON.stringify(own.default)}.`,
    own.minimum === undefined ? undefined : `At least ${own.minimum}.`,
    own.maximum === undefined ? undefined : `At most ${own.maximum}.`,
    own.maxLength === undefined ? undefined : `At most ${own.maxLength} characters.`,
  ].filter(Boolean)
  if (!description && !values && facts.length === 0) return null
  return (
    <p className={styles.remarks}>
      {description ? <Prose text={description} /> : null} {facts.join(' ')}{' '}
      {values ? (
        <span>
          One of{' '}
          {values.map((value) => (
            <code key={String(value)} className={styles.value}>
              {String(value)}
            </code>
          ))}
        </span>
      ) : null}
    </p>
  )
}
