import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem, unreachable } from '../api/problem'
import { Failure } from '../components/Failure'
import { Prose } from '../ui/Prose'
import { ThemeToggle } from '../ui/ThemeToggle'
import { Method } from './Method'
import { byTag, operationsOf, type Document, type Operation } from './openapi'
import { OperationView } from './OperationView'
import styles from './ReferencePage.module.css'

const documentQuery = {
  queryKey: ['openapi.json'],
  queryFn: async (): Promise<Document> => {
    const answer = await fetch('/openapi.json').catch(() => {
      throw unreachable()
    })
    if (!answer.ok)
      throw new Problem(answer.status, 'unknown', 'No /openapi.json', `The server answered ${answer.status}.`)
    return (await answer.json()) as Document
  },
  staleTime: Infinity,
}

export function ReferencePage() {
  const { data, error, refetch } = useQuery(documentQuery)
  if (error)
    return (
      <main>
        <Failure error={error} retry={() => void refetch()} />
      </main>
    )
  return data ? <Reference document={data} /> : null
}

function Reference({ document }: { document: Document }) {
  const operations = operationsOf(document)
  return (
    <div className={styles.page}>
      <Contents operations={operations} />
      <main className={styles.main}>
        <div className={styles.corner}>
          <ThemeToggle />
        </div>
        <h1>{document.info.title} API</h1>
        <p className={styles.version}>
          Version {document.info.version} · <a href="/openapi.json">openapi.json</a>
        </p>
        <Introduction document={document} />
        {byTag(operations).map(([tag, group]) => (
          <section key={tag} aria-labelledby={`tag-${tag}`}>
            <h2 id={`tag-${tag}`} className={styles.tag}>
              {tag}
            </h2>
            <TagDescription document={document} tag={tag} />
            {group.map((operation) => (
              <OperationView key={operation.id} document={document} operation={operation} />
            ))}
          </section>
        ))}
      </main>
    </div>
  )
}

const Introduction = ({ document }: { document: Document }) => (
  <div className={styles.introduction}>
    {(document.info.description ?? '').split(/\n{2,}/).map((paragraph, at) => (
      <p key={at}>
        <Prose text={paragraph} />
      </p>
    ))}
    <p>
      Send your key in <code>X-API-KEY</code> or as <code>Authorization: Bearer</code>. Refusals are problem documents
      (RFC 9457): <code>detail</code> says what is wrong, <code>code</code> is stable, <code>errors</code> names each
      fault.
    </p>
  </div>
)

function TagDescription({ document, tag }: { document: Document; tag: string }) {
  const description = document.tags?.find(({ name }) => name === tag)?.description
  return description ? (
    <p className={styles.introduction}>
      <Prose text={description} />
    </p>
  ) : null
}

function Contents({ operations }: { operations: Operation[] }) {
  const [wanted, setWanted] = useState('')
  const found = operations.filter(({ method, path, summary }) =>
    `${method} ${path} ${summary ?? ''}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  )
  return (
    <nav className={styles.contents} aria-label="Operations">
      <p className={styles.brand}>
        <img src="/icon.svg" alt="" width={20} height={20} />
        <a href="/">SentinAI</a>
      </p>
      <input
        type="search"
        className={styles.search}
        aria-label="Find an operation"
        placeholder="Find an operation"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      {byTag(found).map(([tag, group]) => (
        <div key={tag}>
          <h2>{tag}</h2>
          <ul>
            {group.map((operation) => (
              <li key={operation.id}>
                <a href={`#${operation.id}`} title={operation.path}>
                  <Method method={operation.method} />
                  <span>{operation.summary ?? operation.path}</span>
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {found.length === 0 ? <p className={styles.none}>No operation has that in its name or path.</p> : null}
    </nav>
  )
}
