import { expect, test } from 'vitest'
import { mergeAnswers, type PartAnswer } from './merge-answers.ts'
import type { Rejected } from './rejected.ts'

const part = (tenant: string, status: number, more: Partial<PartAnswer> = {}): PartAnswer => ({
  tenant,
  status,
  answered: true,
  text: '',
  body: Buffer.from(`from ${tenant}`),
  contentType: undefined,
  retryAfter: undefined,
  ...more,
})
const refusal = (count: number): Rejected => ({
  reason: 'invalid_tenant',
  count,
  detail: 'tenant id "a|b" is refused',
  example: '{__name__="up", tenant="a|b"}',
})
const merge = (answers: PartAnswer[], rejected: Rejected[] = []) =>
  mergeAnswers(answers, rejected, { maxRetryAfter: 30, item: 'series' })
const status = (...statuses: number[]) => merge(statuses.map((s, i) => part(`t${i}`, s))).status

test('the table of the merged answer', () => {
  expect(status(200, 204)).toBe(204)
  expect(status(200, 202)).toBe(202)
  expect(status(200, 500)).toBe(500)
  expect(status(500, 529)).toBe(529)
  expect(status(429, 500)).toBe(500)
  expect(status(200, 408)).toBe(504)
  expect(status(200, 301)).toBe(502)
  expect(status(301)).toBe(502)
  expect(status(400, 429)).toBe(429)
  expect(status(200, 429)).toBe(429)
  expect(status(422)).toBe(422)
  expect(status(401)).toBe(401)
  expect(status(200, 401)).toBe(400)
  expect(status(422, 400)).toBe(400)
  expect(status()).toBe(204)
  expect(merge([part('a', 200)], [refusal(1)]).status).toBe(400)
  expect(merge([part('a', 401)], [refusal(1)]).status).toBe(400)
  expect(merge([], [refusal(3)]).status).toBe(400)
  expect(merge([part('a', 503)], [refusal(1)]).status).toBe(503)
})

test('success relays the body of the part whose status it is', () => {
  expect(Buffer.from(merge([part('a', 200), part('b', 202)]).body as Uint8Array).toString()).toBe('from b')
})

test('Retry-After is the largest of the parts to be retried, whole and bounded', () => {
  const header = (...answers: PartAnswer[]) => merge(answers).headers['retry-after']
  expect(header(part('a', 429, { retryAfter: 3 }), part('b', 503, { retryAfter: 6.2 }))).toBe('7')
  expect(header(part('a', 429, { retryAfter: 3600 }))).toBe('30')
  expect(header(part('a', 400, { retryAfter: 9 }), part('b', 500))).toBeUndefined()
  expect(header(part('a', 500))).toBeUndefined()
})

test('the body names each failed tenant and each reason', () => {
  const { body } = merge([part('a', 200), part('b', 400, { text: 'too\n old' })], [refusal(2)])
  expect(body).toBe(
    [
      '1 of 2 tenants failed, 2 series rejected',
      'tenant b: 400 too old',
      'rejected invalid_tenant (2): tenant id "a|b" is refused; for example {__name__="up", tenant="a|b"}',
      '',
    ].join('\n'),
  )
})

test('the body stays under 8 KiB', () => {
  const many = Array.from({ length: 500 }, (_, i) => part(`tenant-${i}`, 500, { text: 'x'.repeat(600) }))
  const text = merge(many).body as string
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8192)
  expect(text).toMatch(/^500 of 500 tenants failed\n/)
  expect(text).toMatch(/and \d+ more lines\n$/)
})

test('many failed tenants do not crowd out the reasons of refusal', () => {
  const many = Array.from({ length: 500 }, (_, i) => part(`tenant-${i}`, 400, { text: 'x'.repeat(600) }))
  const text = merge(many, [refusal(2)]).body as string
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8192)
  expect(text).toMatch(/^500 of 500 tenants failed, 2 series rejected\n/)
  expect(text).toMatch(/ more lines\nrejected invalid_tenant \(2\): .*tenant="a\|b"\}\n$/)
})

test('a body in several bytes a character stays under 8 KiB too', () => {
  const wide = { text: '\u{1f600}'.repeat(400) }
  const reasons = ['missing_tenant', 'denied_tenant', 'malformed', 'max_tenants', 'no_labels_left'] as const
  const rejected = reasons.map((reason) => ({ reason, count: 1, detail: wide.text, example: wide.text }))
  for (const count of [0, 1, 20, 200]) {
    const { body } = merge(
      Array.from({ length: count }, (_, i) => part(`t${i}`, 500, wide)),
      rejected,
    )
    expect(Buffer.byteLength(body as string)).toBeLessThanOrEqual(8192)
  }
})

test('204 has no body, and a status without one has none either', () => {
  expect(merge([part('a', 204), part('b', 200)])).toEqual({ status: 204, headers: {}, body: '' })
  expect(merge([part('a', 200, { body: new Uint8Array(0), contentType: 'text/plain' })])).toEqual({
    status: 200,
    headers: {},
    body: '',
  })
})
