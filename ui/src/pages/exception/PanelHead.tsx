import type { ExceptionDetail, ExceptionItem } from '../../api/types'
import { DueTime } from '../../components/DueTime'
import { SeverityMark } from '../../components/SeverityMark'
import { StatusMark } from '../../components/StatusMark'
import { severityWords, shortId } from '../../components/words'
import { paths } from '../../paths'
import { CopyButton } from '../../ui/CopyButton'
import { Owner } from '../../components/Owner'
import { Recurrence } from './Recurrence'
import { Standing } from './Standing'
import styles from './PanelHead.module.css'

interface PanelHeadProps {
  /** What the list has too. */
  item: ExceptionItem
  detail: ExceptionDetail | undefined
}

export function PanelHead({ item, detail }: PanelHeadProps) {
  return (
    <header className={styles.head}>
      <h2>{item.title}</h2>
      <p className={styles.id}>
        <code title={item.exceptionId}>{shortId(item.exceptionId)}</code>
        <CopyButton compact text={item.exceptionId} label="Copy id" />
        <CopyButton
          compact
          icon="link"
          text={() => `${window.location.origin}${paths.exception(item.exceptionId)}`}
          label="Copy link"
        />
      </p>
      <Recurrence tenantId={item.tenantId} item={item} />
      <dl className={styles.facts}>
        <Fact label="Severity">
          <SeverityMark severity={item.severity} decorative /> {severityWords[item.severity]}
        </Fact>
        <Fact label="Status">
          <StatusMark status={item.status} />
        </Fact>
        <Fact label="Due">
          <DueTime dueAt={item.dueAt} status={item.status} />
        </Fact>
        <Fact label="Queue">{detail?.queueLabel ?? item.queue}</Fact>
        <Fact label="Source">{item.sourceSystem}</Fact>
        <Fact label="Owner">
          <Owner name={item.owner} />
        </Fact>
      </dl>
      {detail ? <Standing detail={detail} /> : null}
    </header>
  )
}

const Fact = ({ label, children }: { label: string; children: React.ReactNode }) => (
  <div>
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
)
