import type { ExceptionDetail, Severity } from '../../api/types'
import { severityWords } from '../../components/words'
import { Prose } from '../../ui/Prose'
import { Section } from './Section'
import styles from './WhyWeThinkSo.module.css'

const aboutWords: Record<string, string | undefined> = {
  type: 'Type',
  severity: 'Severity',
  queue: 'Queue',
  due: 'Due',
  title: 'Title',
}

export function WhyWeThinkSo({ detail }: { detail: ExceptionDetail }) {
  const { claimedSeverity, severity, sourceSystem } = detail
  return (
    <Section
      title="Why we think so"
      aside={<code className={styles.pack}>{`${detail.domain} ${detail.packVersion}`}</code>}
    >
      <dl className={styles.reasons}>
        {detail.reasons.map((reason, at) => (
          <div key={at}>
            <dt>{aboutWords[reason.about] ?? reason.about}</dt>
            <dd>
              <b>
                {reason.about === 'severity' ? (severityWords[reason.value as Severity] ?? reason.value) : reason.value}
              </b>{' '}
              <Prose text={reason.because} />
            </dd>
          </div>
        ))}
        {claimedSeverity && claimedSeverity !== severity ? (
          <div>
            <dt>Claimed</dt>
            <dd>
              <b>{severityWords[claimedSeverity]}</b> is what {sourceSystem} said; the rules of the pack decide.
            </dd>
          </div>
        ) : null}
      </dl>
    </Section>
  )
}
