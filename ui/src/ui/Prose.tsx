import styles from './Prose.module.css'

/** A sentence in which `backticks` mark code. */
export const Prose = ({ text }: { text: string }) => (
  <>
    {text.split(/(`[^`]+`)/).map((part, at) =>
      part.length > 2 && part.startsWith('`') && part.endsWith('`') ? (
        <code key={at} className={styles.code}>
          {part.slice(1, -1)}
        </code>
      ) : (
        part
      ),
    )}
  </>
)
