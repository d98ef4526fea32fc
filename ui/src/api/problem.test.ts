import { describe, expect, it } from 'vitest'
import { problemOf, problemText, unreachable } from './problem'

describe('problemOf', () => {
  it('keeps the words of the server', () => {
    const body = { title: 'Tenant suspended', detail: 'Ask the platform team.', code: 'tenant_suspended' }
    expect(problemOf(403, body)).toMatchObject({ status: 403, ...body })
  })

  it('takes a gateway error without a problem body for a server that is away', () => {
    expect(problemOf(502, '<html>Bad gateway</html>')).toMatchObject({ status: 0, code: 'unreachable' })
    expect(problemOf(500, undefined)).toMatchObject({ code: 'unreachable' })
  })

  it('does not take a refusal for an outage', () => {
    expect(problemOf(400, undefined)).toMatchObject({ status: 400, code: 'unknown' })
  })
})

describe('problemText', () => {
  it('adds each fault to the detail', () => {
    const errors = [{ pointer: '/due', code: 'enum', message: 'due must be late, nextHour, today or later.' }]
    const problem = problemOf(400, { title: 'Bad filter', detail: 'The filter is not valid.', errors })
    expect(problemText(problem).detail).toBe('The filter is not valid. due must be late, nextHour, today or later.')
  })

  it('says what an unreachable server means for the work', () => {
    expect(problemText(unreachable()).title).toBe('The server cannot be reached')
  })

  it('shows an error of our own as it is', () => {
    expect(problemText(new Error('x is undefined')).detail).toBe('x is undefined')
  })
})
