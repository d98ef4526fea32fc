import { Link } from '@tanstack/react-router'
import type { DeskSearch } from '../../api/filter'
import type { ExceptionDetail, ExceptionField } from '../../api/types'
import { textOf } from '../../api/verbatim'
import { Icon } from '../../ui/Icon'
import { Section } from './Section'
import styles from './WhatBroke.module.css'

export function WhatBroke({ detail }: { detail: ExceptionDetail }) {
  const entities = new Map(detail.entities.map((entity) => [entity.field, entity.value]))
  const besideFields = new Set(detail.fields.map((field) => field.finding).filter(Boolean))
  const others = detail.findings.filter((finding) => !besideFields.has(finding.message))
  return (
    <Section title="What broke">
      <p className={styles.type}>
        <b>{detail.typeLabel}.</b> {sentence(detail.typeDescription)}
      </p>
      <dl className={styles.fields}>
        {detail.fields.map((field) => (
          <Field key={field.name} field={field} entity={entities.get(field.name)} />
        ))}
      </dl>
      {others.length > 0 ? (
        <ul className={styles.others} aria-label="Findings">
          {others.map((finding) => (
            <li key={finding.pointer + finding.code} className={styles.finding}>
              <Icon name="alert" size={14} />
              <span>
                {finding.message} <code>{finding.pointer}</code>
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </Section>
  )
}

const protectedWords: Record<string, string | undefined> = {
  pii: 'Personal data',
  phi: 'Protected health information',
}

function Field({ field, entity }: { field: ExceptionField; entity: string | undefined }) {
  const protection = protectedWords[field.class]
  const missing = field.value === null || field.value === undefined || field.text === ''
  return (
    <div>
      <dt title={field.name}>{field.label}</dt>
      <dd>
        {missing ? <span className={styles.missing}>not sent</span> : <Value field={field} entity={entity} />}
        {field.format && !field.finding && !missing ? <Valid format={field.format} /> : null}
        {protection ? (
          <span className={styles.protected} title={protection}>
            {field.class.toUpperCase()}
            <span className="visually-hidden"> ({protection})</span>
          </span>
        ) : null}
        {field.finding ? (
          <span className={styles.finding}>
            <Icon name="alert" size={14} />
            <span>{field.finding}</span>
          </span>
        ) : null}
      </dd>
    </div>
  )
}

const Valid = ({ format }: { format: string }) => (
  <span className={styles.valid} title={`Valid ${format}`}>
    <Icon name="check" size={13} />
    <span className="visually-hidden">valid {format}</span>
  </span>
)

/** What recurs leads to everything else about it, and any other declared value to what shares it. */
function Value({ field, entity }: { field: ExceptionField; entity: string | undefined }) {
  const search = entity === undefined ? sameValue(field) : { entity }
  if (!search) return <span data-type={field.type}>{field.text}</span>
  return (
    <Link
      to="."
      search={search}
      data-type={field.type}
      className={entity === undefined ? styles.same : undefined}
      title={`Show every exception with ${field.label} ${entity ?? field.text}`}
    >
      {field.text}
    </Link>
  )
}

/** The filter by the value of a field; values with members of their own cannot be sought. */
function sameValue({ name, type, value }: ExceptionField): DeskSearch | undefined {
  const text = textOf(value)
  if (type === 'undeclared' || /^[{[n]/.test(text)) return undefined
  return { fields: { [name]: [text.startsWith('"') ? (JSON.parse(text) as string) : text] } }
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)
