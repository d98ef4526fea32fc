import { useWork } from '../work/WorkContext'
import { personWord } from './people'
import styles from './Owner.module.css'

/** Who has an exception: oneself, somebody, or nobody. */
export function Owner({ name }: { name: string | null }) {
  const { me } = useWork()
  if (name === null) return <span className={styles.nobody}>Nobody</span>
  const word = personWord(name, me)
  return <span title={name}>{word === 'you' ? 'You' : word}</span>
}
