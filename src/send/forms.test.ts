import { expect, test } from 'vitest'
import type { Protocol } from '../wire/codecs.ts'
import { type Ended, Forms, wantedOf } from './forms.ts'

const url = 'http://up/'
const counts = { 'x-prometheus-remote-write-samples-written': '1' }

function bench() {
  const clock = { now: 0 }
  const forms = new Forms(() => clock.now)
  /** An upstream that says this to 2.0, and that to 1.0; what it was sent, and the status that tells. */
  const attempt = (to2: number, to1: number, headers: Record<string, string> = {}, wanted: Protocol = two): string => {
    const ask = (form: Protocol): Ended => {
      const status = form === two ? to2 : to1
      const response = { status, headers: form === two ? headers : {}, body: new Uint8Array(0) }
      return { form, response: status === 0 ? undefined : response }
    }
    const first = ask(forms.first(url, wanted))
    const other = forms.second(url, wanted, first)
    if (other === undefined) return `${first.form.at(-1)}: ${first.response?.status ?? 'error'}`
    const second = ask(other)
    const told = forms.judge(url, first, second).response?.status ?? 'error'
    return `${first.form.at(-1)} ${other.at(-1)}: ${told}`
  }
  return { clock, attempt }
}
const two: Protocol = 'remote-write-2'

test('what is refused in 2.0 goes in 1.0 at once', () => {
  const check = (to2: number, to1: number, want: string, headers?: Record<string, string>) =>
    expect(bench().attempt(to2, to1, headers)).toBe(want)
  check(415, 204, '2 1: 204')
  check(415, 503, '2 1: 503')
  check(415, 400, '2 1: 400')
  check(415, 0, '2 1: error')
  check(415, 415, '2 1: 415')
  // Receivers of 1.x that find nothing in the body.
  check(400, 204, '2 1: 204')
  check(204, 204, '2 1: 204')
  check(200, 429, '2 1: 429')
  // What counts has read it; a 202 promises no count.
  check(400, 204, '2: 400', counts)
  check(204, 204, '2: 204', counts)
  check(202, 204, '2: 202')
  // Counts or not, it takes nothing else.
  check(204, 415, '2 1: 204')
  check(400, 415, '2 1: 400')
  for (const status of [0, 401, 404, 413, 422, 429, 500, 503]) check(status, 204, `2: ${status || 'error'}`)
})

test('1.0 that is wanted stays 1.0', () => {
  expect(bench().attempt(204, 415, {}, 'remote-write-1')).toBe('1: 415')
  expect(bench().attempt(204, 204, {}, 'remote-write-1')).toBe('1: 204')
})

test('it is remembered for ten minutes, then 2.0 is tried again', () => {
  for (const refusal of [415, 400, 200]) {
    const { clock, attempt } = bench()
    expect(attempt(refusal, 204)).toBe('2 1: 204')
    clock.now = 10 * 60_000 - 1
    expect(attempt(refusal, 204)).toBe('1: 204')
    clock.now = 10 * 60_000
    expect(attempt(204, 204, counts)).toBe('2: 204')
    expect(attempt(204, 204, counts)).toBe('2: 204')
  }
})

test('each URL is remembered by itself', () => {
  const forms = new Forms(() => 0)
  const refused: Ended = { form: two, response: { status: 415, headers: {}, body: new Uint8Array(0) } }
  expect(forms.second(url, two, refused)).toBe('remote-write-1')
  expect([forms.first(url, two), forms.first('http://other/', two)]).toEqual(['remote-write-1', two])
})

test('a 400 proves nothing unless 1.0 is taken', () => {
  const { attempt } = bench()
  expect(attempt(400, 400)).toBe('2 1: 400')
  expect(attempt(400, 503)).toBe('2 1: 503')
  expect(attempt(204, 204, counts)).toBe('2: 204')
})

test('an upstream that takes 1.0 no more gets 2.0 at once', () => {
  const { attempt } = bench()
  expect(attempt(415, 204)).toBe('2 1: 204')
  expect(attempt(204, 415)).toBe('1 2: 204')
  expect(attempt(204, 415, counts)).toBe('2: 204')
})

test('an upstream of 2.0 alone that counts nothing is asked once', () => {
  const { clock, attempt } = bench()
  expect(attempt(204, 415)).toBe('2 1: 204')
  expect(attempt(204, 415)).toBe('2: 204')
  clock.now = 10 * 60_000
  expect(attempt(204, 415)).toBe('2 1: 204')
})

test('what settings ask for goes before the form that it came in; logs have one', () => {
  expect(wantedOf('remote-write-1', undefined)).toBe('remote-write-1')
  expect(wantedOf(two, undefined)).toBe(two)
  expect(wantedOf(two, 'prometheus.WriteRequest')).toBe('remote-write-1')
  expect(wantedOf('remote-write-1', 'io.prometheus.write.v2.Request')).toBe(two)
  expect(wantedOf('loki', 'io.prometheus.write.v2.Request')).toBe('loki')
})
