import type { ExceptionDetail } from '../../api/types'
import { Icon, type IconName } from '../../ui/Icon'
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

export function WhatNext({ playbook }: { playbook: Playbook }) {
  return (
    <Section title="What to do next">
      <p className={styles.title}>{playbook.title}</p>
      <ol className={styles.steps}>
        {playbook.steps.map((step) => (
          <Step key={step.id} step={step} />
        ))}
      </ol>
    </Section>
  )
}

function Step({ step }: { step: Playbook['steps'][number] }) {
  const kind = kinds[step.kind]
  return (
    <li>
      <p className={styles.step}>
        {step.title}
        {kind && step.kind !== 'human' ? (
          <span className={styles.kind} title={kind.word}>
            <Icon name={kind.icon} size={13} />
            <span className="visually-hidden">{kind.word}</span>
          </span>
        ) : null}
      </p>
      {step.instructions ? <p className={styles.more}>{step.instructions}</p> : null}
      {step.evidence.length > 0 ? <p className={styles.more}>Evidence: {step.evidence.join(' · ')}</p> : null}
    </li>
  )
}
