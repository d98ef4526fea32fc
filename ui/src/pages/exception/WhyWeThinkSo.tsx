import type { ExceptionDetail } from '../../api/types'
import { valueWord } from '../../components/words'
import { useNow } from '../../ui/now'
import { Prose } from '../../ui/Prose'
import { dayAndTime, fullTime } from '../../ui/time'
import { Section } from './Section'
import styles from './WhyWeThinkSo.module.css'

const aboutWords: Record<string, string | undefined> = {
  type: 'Type',
  severity: 'Severity',
  queue: 'Queue',
  due: 'Due',
  created: 'Arose',
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
                <ReasonValue reason={reason} detail={detail} />
              </b>{' '}
              <Prose text={reason.because} />
            </dd>
          </div>
        ))}
        {claimedSeverity && claimedSeverity !== severity ? (
          <div>
            <dt>Claimed</dt>
            <dd>
              <b>{valueWord(undefined, 'severity', claimedSeverity)}</b> is what {sourceSystem} said; the rules of the
              pack decide.
            </dd>
          </div>
        ) : null}
      </dl>
    </Section>
  )
}

interface ReasonValueProps {
  reason: ExceptionDetail['reasons'][number]
  detail: ExceptionDetail
}

/** The value as the rest of the panel says it; the code stays in the tooltip. */
function ReasonValue({ reason: { about, value }, detail }: ReasonValueProps) {
  const now = useNow()
  if (about === 'severity') return valueWord(undefined, 'severity', value)
  if (about === 'type' && value === detail.exceptionType) return <span title={value}>{detail.typeLabel}</span>
  if (about === 'queue' && value === detail.queue) return <span title={value}>{detail.queueLabel}</span>
  if ((about === 'due' || about === 'created') && !Number.isNaN(Date.parse(value)))
    return (
      <time dateTime={value} title={fullTime(value)}>
        {dayAndTime(value, now)}
      </time>
    )
  return value
}
