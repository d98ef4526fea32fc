import { expect, it } from 'vitest'
import { curl } from './curl'
import { byTag, membersOf, operationsOf, sample, typeWords, type Document } from './openapi'

const document: Document = {
  openapi: '3.1.0',
  info: { title: 'Test', version: '1' },
  paths: {
    '/v1/tenants/{tenant}/exceptions/{exceptionId}': {
      parameters: [{ name: 'tenant', in: 'path' }],
      get: { tags: ['exceptions'], parameters: [{ name: 'exceptionId', in: 'path' }] },
      post: {
        tags: ['exceptions'],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Body' } } } },
      },
    },
    '/health': { get: { tags: ['health'], security: [] } },
  },
  components: {
    schemas: {
      Body: {
        type: 'object',
        required: ['name', 'tags', 'next'],
        properties: {
          name: { type: 'string' },
          note: { type: 'string' },
          tags: { type: 'array', items: { type: 'string' } },
          next: { oneOf: [{ type: 'null' }, { $ref: '#/components/schemas/Body' }] },
        },
      },
    },
  },
}

it('finds every operation and its parameters', () => {
  const operations = operationsOf(document)
  expect(operations.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'get /v1/tenants/{tenant}/exceptions/{exceptionId}',
    'post /v1/tenants/{tenant}/exceptions/{exceptionId}',
    'get /health',
  ])
  expect(operations[0]?.parameters?.map(({ name }) => name)).toEqual(['tenant', 'exceptionId'])
  expect(byTag(operations).map(([tag, group]) => [tag, group.length])).toEqual([
    ['exceptions', 2],
    ['health', 1],
  ])
})

it('says types in words', () => {
  expect(typeWords({ type: ['string', 'null'] })).toBe('string or null')
  expect(typeWords({ type: 'array', items: { $ref: '#/components/schemas/Body' } })).toBe('Body[]')
  expect(typeWords({ type: 'object', additionalProperties: { type: 'string', format: 'date-time' } })).toBe(
    'map of string (date-time)',
  )
  expect(typeWords({ oneOf: [{ type: 'null' }, { $ref: '#/components/schemas/Body' }] })).toBe('null or Body')
})

it('shows members through lists and references', () => {
  expect(membersOf(document, { type: 'array', items: { $ref: '#/components/schemas/Body' } })?.required).toHaveLength(3)
  expect(membersOf(document, { type: 'string' })).toBeUndefined()
})

it('makes a sample of what is required, and ends where schemas refer to themselves', () => {
  const body = sample(document, { $ref: '#/components/schemas/Body' }) as Record<string, unknown>
  expect(body).toMatchObject({ name: '…', tags: ['…'] })
  expect(body).not.toHaveProperty('note')
})

it('writes commands with variables for the path and the key', () => {
  const [get, , health] = operationsOf(document)
  if (!get || !health) throw new Error('operations missing')
  expect(curl(document, get, 'http://localhost:8000')).toBe(
    'curl "http://localhost:8000/v1/tenants/$TENANT/exceptions/$EXCEPTION_ID" \\\n  -H "X-API-KEY: $KEY"',
  )
  expect(curl(document, health, 'http://localhost:8000')).toBe('curl "http://localhost:8000/health"')
})
