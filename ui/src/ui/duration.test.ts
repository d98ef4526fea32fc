import { expect, it } from 'vitest'
import { countdown, shortSpan, span } from './duration'

const m = 60_000
const h = 60 * m
const d = 24 * h

it.each([
  [-5 * m, '<1 m'],
  [0, '<1 m'],
  [59_999, '<1 m'],
  [m, '1 m'],
  [h - 1, '59 m'],
  [h, '1 h'],
  [d - 1, '23 h'],
  [d, '1 d'],
  [9.9 * d, '9 d'],
])('shortSpan of %d is %s', (milliseconds, text) => expect(shortSpan(milliseconds)).toBe(text))

it.each([
  [46 * m, '46 m'],
  [3 * h + 10 * m, '3 h 10 m'],
  [23 * h + 59 * m, '23 h 59 m'],
  [2 * h, '2 h'],
  [2 * d + 4 * h + 30 * m, '2 d 4 h'],
  [12 * d + 4 * h, '12 d'],
])('span of %d is %s', (milliseconds, text) => expect(span(milliseconds)).toBe(text))

it('countdown says how late with a minus', () => {
  expect(countdown(-(3 * h + 10 * m))).toBe('−3 h 10 m')
  expect(countdown(-1)).toBe('−<1 m')
  expect(countdown(18 * m)).toBe('18 m')
})
