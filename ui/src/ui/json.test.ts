import { expect, it } from 'vitest'
import { amountText, prettyJson, readJson, textsIn, type JsonNode } from './json'

/** Numbers of chance, the same in every run: the generator is Park and Miller's. */
function chance(seed: number) {
  let state = seed
  const below = (limit: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % limit
  }
  const digits = (most: number) => Array.from({ length: 1 + below(most) }, () => String(below(10))).join('')
  const decimal = () => {
    const whole = below(4) === 0 ? '0' : `${String(1 + below(9))}${digits(40)}`
    const fraction = below(2) === 0 ? `.${digits(30)}` : ''
    const exponent = below(3) === 0 ? `${'eE'[below(2)] ?? ''}${['', '+', '-'][below(3)] ?? ''}${digits(3)}` : ''
    return `${below(2) === 0 ? '-' : ''}${whole}${fraction}${exponent}`
  }
  return { below, decimal }
}

const numbersIn = (node: JsonNode): string[] => {
  if (node.kind === 'object') return node.members.flatMap(({ value }) => numbersIn(value))
  if (node.kind === 'array') return node.items.flatMap(numbersIn)
  return node.kind === 'number' ? [node.text] : []
}

it('keeps every digit of any number, in trees and on paper', () => {
  const { below, decimal } = chance(20_261_128)
  for (let round = 0; round < 500; round += 1) {
    const numbers = Array.from({ length: 1 + below(8) }, decimal)
    // Names that are numbers come in the order of their values where objects of the language hold them.
    const text = `{${numbers.map((number, at) => `"${String(90 - at)}": [${number}, {"a": ${number}}]`).join(',')}}`
    const twice = numbers.flatMap((number) => [number, number])
    expect(numbersIn(readJson(text))).toEqual(twice)
    expect(prettyJson(text).replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
    expect(numbersIn(readJson(prettyJson(text)))).toEqual(twice)
  }
})

it('prints what it cannot hold as a value: long ids, 1.0, -0, and members in their order', () => {
  const text = '{"z":77014103211118510720,"10":1.0,"9":[1e0,-0,"\\u00e9  \\" }"],"e":{ },"__proto__":[ ]}'
  expect(prettyJson(text)).toBe(
    [
      '{',
      '  "z": 77014103211118510720,',
      '  "10": 1.0,',
      '  "9": [',
      '    1e0,',
      '    -0,',
      '    "\\u00e9  \\" }"',
      '  ],',
      '  "e": {},',
      '  "__proto__": []',
      '}',
    ].join('\n'),
  )
  expect(readJson(text)).toMatchObject({ members: [{ name: 'z' }, { name: '10' }, { name: '9' }, {}, {}] })
})

it('prints as the language does where that is exact', () => {
  const value = { a: [1, 'b', null, true, { c: [] }], d: {} }
  expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
})

it('groups amounts and rounds none', () => {
  expect(
    ['184220.15', '1000', '1000.00', '0.5', '92233720368547758.07', '-1234567.125', '1e9'].map(amountText),
  ).toEqual([...['184,220.15', '1,000', '1,000', '0.50', '92,233,720,368,547,758.07', '-1,234,567.125', '1e9']])
})

it('finds the texts and the names they are under', () => {
  expect(textsIn('{"a":"x","by":["y",{"b":"z"}],"n":1}')).toEqual([
    { name: 'a', value: 'x' },
    { name: 'by', value: 'y' },
    { name: 'b', value: 'z' },
  ])
})
