import { expect, it } from 'vitest'
import { Problem } from '../api/problem'
import type { ExceptionDetail } from '../api/types'
import { faultsByField, formOf, hasForm, type Form } from './forms'

const detail = {
  severity: 'HIGH',
  owner: 'bo',
  queue: 'a',
  playbook: {
    title: '',
    steps: [
      { id: 's1', evidence: ['Statement'] },
      { id: 's2', evidence: [] },
    ],
  },
  workflow: {
    choices: {
      resolutions: [],
      rootCauses: [],
      waitingReasons: [
        { code: 'CLIENT', label: 'Client', stopsClock: false },
        { code: 'TRADER', label: 'Trader', stopsClock: true },
      ],
      queues: [],
    },
  },
} as unknown as ExceptionDetail
const people = ['bo', 'cy', 'ana'].map((name) => ({ memberId: name, name, role: 'operator', assignable: true }))
const background = {
  detail,
  me: { name: 'ana', role: 'operator' },
  people,
  demands: [],
  now: new Date(2026, 10, 23),
}
const form = (verb: Parameters<typeof formOf>[0]) => formOf(verb, background) as Form

it('asks for evidence where a step wants it, and for nothing where not', () => {
  expect(hasForm('completeStep', detail, 's1')).toBe(true)
  expect(hasForm('completeStep', detail, 's2')).toBe(false)
  expect(hasForm('claim', detail)).toBe(false)
})

it('offers everybody but the owner, oneself first', () => {
  expect(form('assign').fields[0]?.options?.map(({ value }) => value)).toEqual(['ana', 'cy'])
})

it('says whether the clock stops', () => {
  expect(form('wait').note?.({ reason: 'TRADER' })).toBe('The clock stops meanwhile.')
  expect(form('wait').note?.({ reason: 'CLIENT' })).toBe('The clock runs on meanwhile.')
  expect(form('wait').note?.({})).toBeUndefined()
})

it('sends local times as UTC and leaves empty notes out', () => {
  const command = form('wait').command({ reason: 'CLIENT', until: '2026-11-24T09:00', note: '  ' })
  expect(command).toEqual({
    command: 'wait',
    reason: 'CLIENT',
    until: new Date(2026, 10, 24, 9).toISOString(),
    note: undefined,
  })
})

it('puts faults to their fields, and the rest below', () => {
  const refused = (...pointers: string[]) =>
    new Problem(
      422,
      'refused',
      'Refused',
      'all of it',
      pointers.map((pointer) => ({ pointer, code: 'x', message: 'why' })),
    )
  expect(faultsByField(refused('/reason'), form('wait'))).toEqual({ byField: { reason: 'why' } })
  expect(faultsByField(refused('/reason', '/other'), form('wait'))).toMatchObject({ byField: { reason: 'why' } })
  expect(faultsByField(refused('/other'), form('wait')).rest).toContain('all of it')
  expect(faultsByField(null, form('wait'))).toEqual({ byField: {} })
})
