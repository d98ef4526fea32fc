// Markdown that other people wrote: no HTML of theirs, no images (they would ask other hosts), links in a page of their own.
import type { ElementType } from 'react'
import ReactMarkdown from 'react-markdown'
import { markMentions } from './mentions'
import styles from './Markdown.module.css'

interface MarkdownProps {
  text: string
  /** Names that may follow an @, also those with spaces. */
  names?: readonly string[]
}

const link: ElementType = ({ href, children }: { href?: string; children?: React.ReactNode }) => (
  <a href={href} target="_blank" rel="noopener noreferrer nofollow">
    {children}
  </a>
)

/** Headings of a comment are no headings of the page. */
const heading: ElementType = ({ children }: { children?: React.ReactNode }) => (
  <p>
    <b>{children}</b>
  </p>
)

const components = { a: link, h1: heading, h2: heading, h3: heading, h4: heading, h5: heading, h6: heading }

export const Markdown = ({ text, names = [] }: MarkdownProps) => (
  <div className={styles.text}>
    <ReactMarkdown
      skipHtml
      disallowedElements={['img']}
      components={components}
      rehypePlugins={[[markMentions, { names, className: styles.mention }]]}
    >
      {text}
    </ReactMarkdown>
  </div>
)
