import { Dialog } from '../../ui/Dialog'
import { Kbd } from '../../ui/Kbd'
import styles from './HelpDialog.module.css'

interface KeyLine {
  keys: string[]
  does: string
}

const groups: { title: string; lines: KeyLine[] }[] = [
  {
    title: 'Move',
    lines: [
      { keys: ['j', '↓'], does: 'next exception' },
      { keys: ['k', '↑'], does: 'previous exception' },
      { keys: ['PgDn', 'PgUp'], does: 'a page down, up' },
      { keys: ['Home', 'End'], does: 'first, last loaded' },
    ],
  },
  {
    title: 'Look',
    lines: [
      { keys: ['Enter'], does: 'open the exception' },
      { keys: ['Esc'], does: 'close it, or leave the search' },
      { keys: ['/'], does: 'search title, id or entity by the beginning of words' },
      { keys: ['b'], does: 'change all that the filter selects' },
      { keys: ['f'], does: 'show or hide the filters' },
      { keys: ['.'], does: 'load what is new' },
      { keys: ['?'], does: 'this help' },
    ],
  },
  {
    title: 'Work',
    lines: [
      { keys: ['n'], does: 'claim the next one of a queue' },
      { keys: ['c'], does: 'claim, or start what is yours' },
      { keys: ['a'], does: 'assign' },
      { keys: ['w'], does: 'let it wait, or go on' },
      { keys: ['e'], does: 'escalate' },
      { keys: ['r'], does: 'resolve, or reopen' },
      { keys: ['m'], does: 'comment' },
      { keys: ['u'], does: 'undo what the message says' },
    ],
  },
  {
    title: 'Forms and approvals',
    lines: [
      { keys: ['Ctrl', 'Enter'], does: 'send the form (⌘ on a Mac)' },
      { keys: ['Esc'], does: 'leave the form' },
      { keys: ['g'], does: 'grant, under Approvals' },
      { keys: ['x'], does: 'refuse, under Approvals' },
    ],
  },
]

export const HelpDialog = ({ onClose }: { onClose: () => void }) => (
  <Dialog title="Keys" onClose={onClose}>
    <div className={styles.groups}>
      {groups.map((group) => (
        <section key={group.title}>
          <h3>{group.title}</h3>
          <dl>
            {group.lines.map((line) => (
              <div key={line.does}>
                <dt>
                  {line.keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dt>
                <dd>{line.does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
    <p className={styles.note}>
      Keys rest while you type. With an exception open, j and k open the next and the previous one. The keys of work are
      about the selected row.
    </p>
  </Dialog>
)
