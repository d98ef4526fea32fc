import type { ExceptionDetail } from '../../api/types'
import { CopyButton } from '../../ui/CopyButton'
import { JsonTree } from '../../ui/JsonTree'
import { Section } from './Section'
import styles from './RawData.module.css'

export const RawData = ({ detail }: { detail: ExceptionDetail }) => (
  <Section title="Raw data">
    <Document title="Payload" value={detail.rawPayload} open />
    <Document title="Context" value={detail.normalizedContext} />
    <Document title="Envelope" value={detail.envelope} />
    {detail.fingerprint ? (
      <p className={styles.fingerprint}>
        Fingerprint <code>{detail.fingerprint}</code>
      </p>
    ) : null}
  </Section>
)

interface DocumentProps {
  title: string
  value: unknown
  open?: boolean
}

const Document = ({ title, value, open = false }: DocumentProps) => (
  <details className={styles.document} open={open}>
    <summary>{title}</summary>
    <div className={styles.copy}>
      <CopyButton text={() => JSON.stringify(value, null, 2)} label={`Copy ${title.toLowerCase()}`} compact />
    </div>
    <JsonTree value={value} />
  </details>
)
