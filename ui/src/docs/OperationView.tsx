import { Command } from '../ui/Command'
import { Prose } from '../ui/Prose'
import { curl } from './curl'
import { membersOf, typeWords, type Answer, type Document, type Operation, type Parameter } from './openapi'
import { Remarks, SchemaView } from './SchemaView'
import { Method } from './Method'
import styles from './OperationView.module.css'

interface OperationViewProps {
  document: Document
  operation: Operation
}

export function OperationView({ document, operation }: OperationViewProps) {
  const { requestBody, parameters = [], responses = {} } = operation
  return (
    <section className={styles.operation} id={operation.id} aria-labelledby={`${operation.id}-title`}>
      <div className={styles.words}>
        <h3 id={`${operation.id}-title`}>
          <a href={`#${operation.id}`}>{operation.summary ?? operation.path}</a>
        </h3>
        <p className={styles.path}>
          <Method method={operation.method} /> <code>{operation.path}</code>
        </p>
        {operation.description ? <Paragraphs text={operation.description} /> : null}
        <Parameters document={document} title="Path" parameters={parameters.filter((one) => one.in === 'path')} />
        <Parameters document={document} title="Query" parameters={parameters.filter((one) => one.in === 'query')} />
        <Parameters document={document} title="Headers" parameters={parameters.filter((one) => one.in === 'header')} />
        {requestBody ? <Content document={document} title="Body" answer={requestBody} /> : null}
      </div>
      <div className={styles.example}>
        <Command>{curl(document, operation, window.location.origin)}</Command>
        <h4>Answers</h4>
        {Object.entries(responses).map(([status, answer]) => (
          <Response key={status} document={document} status={status} answer={answer} />
        ))}
      </div>
    </section>
  )
}

const Paragraphs = ({ text }: { text: string }) => (
  <>
    {text.split(/\n{2,}/).map((paragraph, at) => (
      <p key={at} className={styles.description}>
        <Prose text={paragraph} />
      </p>
    ))}
  </>
)

interface ParametersProps {
  document: Document
  title: string
  parameters: Parameter[]
}

function Parameters({ document, title, parameters }: ParametersProps) {
  if (parameters.length === 0) return null
  return (
    <>
      <h4>{title}</h4>
      <dl className={styles.parameters}>
        {parameters.map((parameter) => (
          <div key={parameter.name}>
            <dt>
              <code>{parameter.name}</code>
              {parameter.required && parameter.in !== 'path' ? <span className={styles.required}>required</span> : null}
            </dt>
            <dd>
              {parameter.schema ? <span className={styles.type}>{typeWords(parameter.schema)}</span> : null}
              {parameter.description ? (
                <p>
                  <Prose text={parameter.description} />
                </p>
              ) : null}
              {parameter.schema ? <Remarks document={document} schema={parameter.schema} /> : null}
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}

interface ContentProps {
  document: Document
  title: string
  answer: Answer
}

function Content({ document, title, answer }: ContentProps) {
  return (
    <>
      <h4>{title}</h4>
      {answer.description ? (
        <p className={styles.description}>
          <Prose text={answer.description} />
        </p>
      ) : null}
      {Object.entries(answer.content ?? {}).map(([type, media]) => (
        <div key={type} className={styles.media}>
          <p className={styles.type}>
            {type}
            {media.schema ? ` · ${typeWords(media.schema)}` : ''}
          </p>
          {media.schema ? <SchemaView document={document} schema={media.schema} /> : null}
        </div>
      ))}
    </>
  )
}

const statusWords: Record<string, string | undefined> = {
  '200': 'Done',
  '202': 'Stored',
  '204': 'Done; no body',
  '4XX': 'Refused, and why',
  '503': 'Not now; try again later',
}

interface ResponseProps {
  document: Document
  status: string
  answer: Answer
}

function Response({ document, status, answer }: ResponseProps) {
  const head = (
    <>
      <code className={status.startsWith('2') ? styles.good : styles.bad}>{status}</code>{' '}
      {answer.description ? answer.description : (statusWords[status] ?? '')}
    </>
  )
  const media = Object.entries(answer.content ?? {})
  if (!media.some(([, { schema }]) => schema && membersOf(document, schema)))
    return <p className={styles.response}>{head}</p>
  return (
    <details className={styles.response}>
      <summary>{head}</summary>
      {media.map(([type, { schema }]) => (
        <div key={type} className={styles.media}>
          <p className={styles.type}>
            {type}
            {schema ? ` · ${typeWords(schema)}` : ''}
          </p>
          {schema ? <SchemaView document={document} schema={schema} /> : null}
        </div>
      ))}
    </details>
  )
}
