import { expect, it } from 'vitest'
import document from '../../../openapi.json'
import { keepVerbatim, readable, textOf, verbatimMembers } from './verbatim'

it('keeps the text of members and leaves the others to JSON.parse', () => {
  const payload = '{"id": 77014103211118510720,"n":1.0,"10":1e0,"9":-0}'
  const answer = `{"version":7,"rawPayload":${payload},"fields":[{"value":1.0},{"value":null},{},{"value":"7.10"}],"title":"\\u00e9"}`
  const kept = JSON.parse(keepVerbatim(answer, ['rawPayload', 'fields.*.value', 'absent.member'])) as {
    rawPayload: unknown
    fields: unknown
  }
  expect(kept).toEqual({
    version: 7,
    rawPayload: payload,
    fields: [{ value: '1.0' }, { value: null }, {}, { value: '"7.10"' }],
    title: 'é',
  })
  expect(textOf(kept.rawPayload)).toBe(payload)
})

it('leaves an answer that is none to whoever reads it', () => {
  expect(keepVerbatim('', ['object'])).toBe('')
  expect(keepVerbatim('{"state":"HELD"}', ['object'])).toBe('{"state":"HELD"}')
  expect(textOf(null)).toBe('null')
  expect(readable('{"owner":"ana"}')).toEqual({ owner: 'ana' })
})

interface Schema {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  additionalProperties?: unknown
  items?: Schema
  allOf?: Schema[]
  oneOf?: Schema[]
  anyOf?: Schema[]
}
const schemas = document.components.schemas as unknown as Record<string, Schema>

/** Where an answer may hold any JSON: what the schema says nothing about. */
function anyJsonIn(schema: Schema, at: string[] = []): string[] {
  if (schema.$ref) return anyJsonIn(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, at)
  const parts = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]
  if (parts.length > 0) return parts.flatMap((part) => anyJsonIn(part, at))
  if (schema.items) return anyJsonIn(schema.items, [...at, '*'])
  if (schema.properties)
    return Object.entries(schema.properties).flatMap(([name, member]) => anyJsonIn(member, [...at, name]))
  if (schema.additionalProperties) return []
  return schema.type === undefined || [schema.type].flat().includes('object') ? [at.join('.')] : []
}

/** Any JSON that the desk does not show: it only takes texts and counts from it. */
const read = /(^|\.)(change|command|payload|progress)$/

it('keeps all that the schema leaves open, wherever an answer shows it', () => {
  const open = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.values(operations as Record<string, { responses?: Record<string, { content?: object }> }>).flatMap(
      ({ responses }) => {
        const content = responses?.['200']?.content as { 'application/json'?: { schema: Schema } } | undefined
        const members = content?.['application/json'] ? anyJsonIn(content['application/json'].schema) : []
        return members.filter((member) => member && !read.test(member)).map((member) => [path, member] as const)
      },
    ),
  )
  expect(open.length).toBeGreaterThan(10)
  const kept = verbatimMembers as Record<string, readonly string[] | undefined>
  expect(open.filter(([path, member]) => !kept[path]?.includes(member))).toEqual([])
})
