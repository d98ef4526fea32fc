import type { ExceptionDetail } from '../../api/types'
import { textOf } from '../../api/verbatim'
import { CopyButton } from '../../ui/CopyButton'
import { prettyJson } from '../../ui/json'
import { JsonTree } from '../../ui/JsonTree'
import { Section } from './Section'
import styles from './RawData.module.css'

export const RawData = ({ detail }: { detail: ExceptionDetail }) => (
  <Section title="Raw data">
    <Document title="Payload" text={textOf(detail.rawPayload)} open />
    <Document title="Context" text={textOf(detail.normalizedContext)} />
    <Document title="Envelope" text={textOf(detail.envelope)} />
    {detail.fingerprint ? (
      <p className={styles.fingerprint}>
        Fingerprint <code>{detail.fingerprint}</code>
      </p>
    ) : null}
  </Section>
)

interface DocumentProps {
  title: string
  text: string
  open?: boolean
}

const Document = ({ title, text, open = false }: DocumentProps) => (
  <details className={styles.document} open={open}>
    <summary>{title}</summary>
    <div className={styles.copy}>
      <CopyButton text={() => prettyJson(text)} label={`Copy ${title.toLowerCase()}`} compact />
    </div>
    <JsonTree text={text} />
  </details>
)
