import styles from './Method.module.css'

export const Method = ({ method }: { method: string }) => (
  <code className={styles.method} data-method={method}>
    {method === 'delete' ? 'DEL' : method.toUpperCase()}
  </code>
)
