// The parts of an OpenAPI 3.1 document that the reference page shows, and how they are read.

export interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  examples?: unknown[]
  example?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: boolean | Schema
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
  minimum?: number
  maximum?: number
  maxLength?: number
  pattern?: string
}

export interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: Schema
}

interface Media {
  schema?: Schema
  example?: unknown
}

export interface Answer {
  description?: string
  content?: Record<string, Media>
}

interface OperationObject {
  tags?: string[]
  summary?: string
  description?: string
  parameters?: Parameter[]
  requestBody?: { description?: string; required?: boolean; content?: Record<string, Media> }
  responses?: Record<string, Answer>
  security?: Record<string, string[]>[]
}

export interface Document {
  openapi: string
  info: { title: string; version: string; description?: string }
  tags?: { name: string; description?: string }[]
  paths: Record<string, Record<string, unknown>>
  components?: { schemas?: Record<string, Schema> }
  security?: Record<string, string[]>[]
}

export interface Operation extends OperationObject {
  id: string
  method: string
  path: string
  tag: string
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** Every operation in the order of the document; parameters of the path come before its own. */
export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) => {
    const shared = (item.parameters as Parameter[] | undefined) ?? []
    return methods
      .filter((method) => item[method])
      .map((method) => {
        const operation = item[method] as OperationObject
        return {
          ...operation,
          id: `${method}-${path.replaceAll(/[^a-zA-Z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}`,
          method,
          path,
          tag: operation.tags?.[0] ?? 'other',
          parameters: [...shared, ...(operation.parameters ?? [])],
        }
      })
  })
}

/** Operations by tag, in the order of their first appearance. */
export function byTag(operations: Operation[]): [string, Operation[]][] {
  const groups = new Map<string, Operation[]>()
  for (const operation of operations) groups.set(operation.tag, [...(groups.get(operation.tag) ?? []), operation])
  return [...groups]
}

/** The name behind a reference into the components. */
export const refName = (schema: Schema) => schema.$ref?.split('/').at(-1)

export function resolve(document: Document, schema: Schema): Schema {
  const name = refName(schema)
  return name === undefined ? schema : (document.components?.schemas?.[name] ?? {})
}

/** `string`, `integer`, `ExceptionItem[]`, `string or null`, `map of Queue`. */
export function typeWords(schema: Schema): string {
  const name = refName(schema)
  if (name) return name
  const choices = schema.oneOf ?? schema.anyOf
  if (choices) return [...new Set(choices.map(typeWords))].join(' or ')
  if (schema.allOf?.[0]) return schema.allOf.map(typeWords).join(' & ')
  const types = [schema.type ?? 'any'].flat()
  return types.map((type) => oneType(type, schema)).join(' or ')
}

function oneType(type: string, schema: Schema): string {
  if (type === 'array') return `${schema.items ? typeWords(schema.items) : 'any'}[]`
  if (type === 'object' && typeof schema.additionalProperties === 'object')
    return `map of ${typeWords(schema.additionalProperties)}`
  return schema.format && type !== 'null' ? `${type} (${schema.format})` : type
}

/** The schema whose members are worth showing below a value: itself, its items, its values, or its one choice that is not null. */
export function membersOf(document: Document, schema: Schema): Schema | undefined {
  const own = resolve(document, schema)
  if (own.properties || (own.allOf ?? own.oneOf ?? own.anyOf)?.some((part) => membersOf(document, part))) return own
  if (own.items) return membersOf(document, own.items)
  if (typeof own.additionalProperties === 'object') return membersOf(document, own.additionalProperties)
  return undefined
}

/** A value to start from. */
export function sample(document: Document, schema: Schema, depth = 0): unknown {
  const own = resolve(document, schema)
  const given = own.example ?? own.examples?.[0] ?? own.default ?? own.const ?? own.enum?.[0]
  if (given !== undefined) return given
  if (depth > 5) return null
  if (own.allOf) return Object.assign({}, ...own.allOf.map((part) => sample(document, part, depth + 1)))
  const choice = (own.oneOf ?? own.anyOf)?.find((part) => part.type !== 'null')
  if (choice) return sample(document, choice, depth + 1)
  const type = [own.type ?? 'object'].flat().find((one) => one !== 'null')
  if (type === 'array') return own.items ? [sample(document, own.items, depth + 1)] : []
  if (type === 'object') {
    const required = Object.entries(own.properties ?? {}).filter(([name]) => own.required?.includes(name))
    return Object.fromEntries(required.map(([name, part]) => [name, sample(document, part, depth + 1)]))
  }
  return { string: own.format === 'date-time' ? '2026-11-23T09:30:00Z' : '…', boolean: true }[type ?? ''] ?? 0
}
