import type { ExceptionDetail } from '../../api/types'
import { personWord } from '../../components/people'
import { Button } from '../../ui/Button'
import { Icon, type IconName } from '../../ui/Icon'
import { fullTime, timeOfDay } from '../../ui/time'
import { whyNot } from '../../work/actions'
import { useWork } from '../../work/WorkContext'
import { Section } from './Section'
import styles from './WhatNext.module.css'

type Playbook = NonNullable<ExceptionDetail['playbook']>

const kinds: Record<string, { icon: IconName; word: string } | undefined> = {
  human: { icon: 'person', word: 'A person does it' },
  tool: { icon: 'auto', word: 'A connected system does it' },
  notify: { icon: 'auto', word: 'Somebody is told' },
  assign: { icon: 'auto', word: 'Owner or queue changes' },
  setStatus: { icon: 'auto', word: 'The status changes' },
  comment: { icon: 'auto', word: 'A note is written' },
  wait: { icon: 'auto', word: 'The clock waits' },
  approval: { icon: 'two', word: 'A second person decides' },
}

interface WhatNextProps {
  detail: ExceptionDetail
  playbook: Playbook
}

export function WhatNext({ detail, playbook }: WhatNextProps) {
  return (
    <Section title="What to do next">
      <p className={styles.title}>{playbook.title}</p>
      <ol className={styles.steps}>
        {playbook.steps.map((step) => (
          <Step key={step.id} detail={detail} step={step} />
        ))}
      </ol>
    </Section>
  )
}

interface StepProps {
  detail: ExceptionDetail
  step: Playbook['steps'][number]
}

function Step({ detail, step }: StepProps) {
  const kind = kinds[step.kind]
  const outcome = detail.workflow.steps[step.id]
  return (
    <li data-outcome={outcome && (outcome.done ? 'done' : 'skipped')}>
      <p className={styles.step}>
        {step.title}
        {kind && step.kind !== 'human' ? (
          <span className={styles.kind} title={kind.word}>
            <Icon name={kind.icon} size={13} />
            <span className="visually-hidden">{kind.word}</span>
          </span>
        ) : null}
      </p>
      {outcome ? <Outcome outcome={outcome} /> : <Instructions step={step} />}
      {outcome ? null : <Decide detail={detail} step={step} />}
    </li>
  )
}

const Instructions = ({ step }: { step: Playbook['steps'][number] }) => (
  <>
    {step.instructions ? <p className={styles.more}>{step.instructions}</p> : null}
    {step.evidence.length > 0 ? <p className={styles.more}>Evidence: {step.evidence.join(' · ')}</p> : null}
  </>
)

function Outcome({ outcome }: { outcome: ExceptionDetail['workflow']['steps'][string] }) {
  const { me } = useWork()
  return (
    <p className={styles.more}>
      {outcome.done ? 'Done' : 'Skipped'} by {personWord(outcome.by, me)},{' '}
      <time dateTime={outcome.at} title={fullTime(outcome.at)}>
        {timeOfDay(outcome.at)}
      </time>
      {outcome.note ? <span className={styles.note}>: {outcome.note}</span> : null}
    </p>
  )
}

function Decide({ detail, step }: StepProps) {
  const { me, ask } = useWork()
  if (!detail.workflow.allowed.includes('completeStep')) return null
  const hindrance = whyNot('completeStep', detail, me)
  return (
    <p className={styles.decide}>
      <Button
        look="quiet"
        disabled={hindrance !== undefined}
        title={hindrance}
        onClick={() => ask(detail, 'completeStep', step.id)}
      >
        Done<span className="visually-hidden">: {step.title}</span>
      </Button>
      <Button
        look="quiet"
        disabled={hindrance !== undefined}
        title={hindrance}
        onClick={() => ask(detail, 'skipStep', step.id)}
      >
        Skip<span className="visually-hidden">: {step.title}</span>
      </Button>
    </p>
  )
}
