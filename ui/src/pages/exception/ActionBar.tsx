// What can be done now: the usual first, the rest behind it.
import type { ExceptionDetail, Verb } from '../../api/types'
import { Button } from '../../ui/Button'
import { Kbd } from '../../ui/Kbd'
import { Menu } from '../../ui/Menu'
import { actionsOf } from '../../work/actions'
import { useWork } from '../../work/WorkContext'
import styles from './ActionBar.module.css'

/** What moves an exception towards its end. */
const usual = new Set<Verb>(['claim', 'start', 'resume', 'resolve', 'reopen'])

export function ActionBar({ detail }: { detail: ExceptionDetail }) {
  const { me, ask } = useWork()
  const { row, more } = actionsOf(detail, me)
  return (
    <div className={styles.bar} role="group" aria-label="Actions">
      {row.map(({ verb, label, key, hindrance }, at) => (
        <Button
          key={verb}
          look={at === 0 && !hindrance && usual.has(verb) ? 'primary' : 'plain'}
          disabled={hindrance !== undefined}
          title={hindrance}
          aria-keyshortcuts={key}
          onClick={() => ask(detail, verb)}
        >
          {label} {key ? <Kbd>{key}</Kbd> : null}
        </Button>
      ))}
      {more.length > 0 ? (
        <Menu
          label="More"
          items={more.map(({ verb, label, hindrance }) => ({ label, hindrance, run: () => ask(detail, verb) }))}
        />
      ) : null}
    </div>
  )
}
