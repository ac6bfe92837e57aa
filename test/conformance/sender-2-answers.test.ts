// The sender suite of remote write 2 (prometheus/compliance, remotewrite/sender), by its names: the cases about what a
// sender makes of answers. Repeats are counted and a 415 is really sent, which the suite does not manage. Lanes that
// store repeat by themselves; lanes that answer leave it to their sender, and send again what failed.

import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { request2, series2, written2 } from '../support/request-2.ts'
import { itemsOf, type Leg, type Said, type Say, startLeg } from '../support/sender-leg.ts'
import { until } from '../support/until.ts'
import { answerNames, type Cases } from './sender-2-names.ts'

type Name = (typeof answerNames)[number]
type Of<Function extends string> = Cases<Extract<Name, Function | `${Function}/${string}`>, () => Promise<void>>

const body = (tsMs: number, ...tenants: string[]) =>
  request2((tenants.length === 0 ? ['a'] : tenants).map((tenant) => series2(tsMs, '__name__=m', `tenant=${tenant}`)))

/** Upstream's first answers, then 204. */
const saying =
  (...first: readonly Said[]): Say =>
  (_leg, nth) =>
    first[nth - 1] ?? 204
const refusal = (status: number, text = '') => ({ status, text, headers: written2(0) })

/** Refused for good: one request, and the sender is told once. */
async function neverAgain(status: number): Promise<void> {
  for (const queue of [false, true]) {
    const { legs, push } = await startLeg({ queue, say: saying(refusal(status, 'no')) })
    const answer = await push(2, body(1))
    expect([answer.status, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([status, '0'])
    expect(answer.text).toContain('no')
    // Another one comes after it: there is none in between.
    expect((await push(2, body(2))).status).toBe(204)
    expect(legs.map(itemsOf)).toEqual([['m@1'], ['m@2']])
  }
}

/** Refused for now: the very same again, by a queue itself; where lanes answer by the sender, and only what failed. */
async function again(status: number): Promise<void> {
  const queued = await startLeg({ queue: true, say: saying(refusal(status), refusal(status)) })
  expect((await queued.push(2, body(1))).status).toBe(204)
  await queued.came(3)
  await queued.drained()
  expect(queued.legs.map(itemsOf)).toEqual([['m@1'], ['m@1'], ['m@1']])
  expect(queued.legs.map(({ form }) => form)).toEqual([2, 2, 2])
  const { legs, push } = await startLeg({
    say: ({ tenant }, nth) => (tenant === 'b' && nth < 4 ? refusal(status) : 204),
  })
  const sent = body(1, 'a', 'b')
  const answers = [await push(2, sent), await push(2, sent), await push(2, sent)]
  expect(answers.map((answer) => answer.status)).toEqual([status, status, 204])
  expect(answers.map(({ headers }) => headers['x-prometheus-remote-write-samples-written'])).toEqual(['1', '1', '2'])
  expect(legs.map(({ tenant }) => tenant).sort()).toEqual(['a', 'b', 'b', 'b'])
}

const retries: Of<'TestRetryBehavior'> = {
  'TestRetryBehavior/no_retry_on_400': () => neverAgain(400),
  'TestRetryBehavior/no_retry_on_401': () => neverAgain(401),
  'TestRetryBehavior/no_retry_on_404': () => neverAgain(404),
  'TestRetryBehavior/no_retry_on_413': () => neverAgain(413),
  'TestRetryBehavior/may_retry_on_429': () => again(429),
  'TestRetryBehavior/retry_on_500': () => again(500),
  'TestRetryBehavior/retry_on_502': () => again(502),
  'TestRetryBehavior/retry_on_503': () => again(503),
  'TestRetryBehavior/retry_on_504': () => again(504),
}

let measured: Promise<number[]> | undefined

/** The pauses in ms between nine requests of a queue, eight of them refused; min_backoff is 20 ms, max_backoff 200 ms. */
const pauses = (): Promise<number[]> => (measured ??= measurePauses())

async function measurePauses(): Promise<number[]> {
  const { legs, push, came } = await startLeg({ queue: true, say: (_leg, nth) => (nth < 9 ? refusal(503) : 204) })
  await push(2, body(1))
  await came(9)
  return legs.slice(1).map(({ at }, k) => at - legs[k]!.at)
}

const backoff: Of<'TestBackoffBehavior'> = {
  // Doubled each time, less a jitter of a fifth.
  'TestBackoffBehavior/exponential_backoff_on_retries': async () => {
    const least = [20, 40, 80, 160, 200, 200, 200, 200].map((ms) => ms * 0.8)
    for (const [k, gap] of (await pauses()).entries()) {
      expect(gap, `pause ${k}`).toBeGreaterThanOrEqual(least[k]! - 2)
    }
  },
  'TestBackoffBehavior/backoff_required': async () => {
    for (const gap of await pauses()) expect(gap).toBeGreaterThan(10)
  },
  // What the machine adds is its own.
  'TestBackoffBehavior/backoff_max_delay': async () => {
    for (const gap of await pauses()) expect(gap).toBeLessThan(200 * 10)
  },
  // Of eight pauses no two are the same to the microsecond.
  'TestBackoffBehavior/backoff_with_jitter': async () => {
    const gaps = await pauses()
    expect(new Set(gaps.map((gap) => gap.toFixed(3))).size).toBe(gaps.length)
  },
}

/** An upstream of bytes: what it writes to each request it got some of, or nothing and it goes away. */
async function startRaw(answers: readonly (string | undefined)[]) {
  let connections = 0
  const server = createServer((socket) => {
    const answer = answers[Math.min(connections++, answers.length - 1)]
    socket.on('error', () => undefined)
    socket.once('data', () => {
      if (answer === undefined) socket.destroy()
      else socket.end(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close(), connections: () => connections }
}
const taken = 'HTTP/1.1 204 No Content\r\nX-Prometheus-Remote-Write-Samples-Written: 1\r\nConnection: close\r\n\r\n'

/** What is no answer, or a failure, is tried again, and the sender goes on. */
async function goesOn(failure: string | undefined): Promise<void> {
  const raw = await startRaw([failure, failure, taken])
  const { push, drained } = await startLeg({ queue: true, target: raw.url })
  expect((await push(2, body(1))).status).toBe(204)
  await drained()
  expect(raw.connections()).toBe(3)
  raw.close()
  const direct = await startRaw([failure, taken])
  const leg = await startLeg({ target: direct.url })
  expect((await leg.push(2, body(1))).status).toBeGreaterThanOrEqual(500)
  expect((await leg.push(2, body(1))).status).toBe(204)
  expect(direct.connections()).toBe(2)
  direct.close()
}

/** Nobody is there: 503 for push after push; a queue stores. */
async function nobodyAt(target: string): Promise<void> {
  const { push } = await startLeg({ target })
  for (const ts of [1, 2]) {
    const answer = await push(2, body(ts))
    expect([answer.status, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([503, '0'])
  }
  const queued = await startLeg({ target, queue: true })
  expect((await queued.push(2, body(1))).status).toBe(204)
  await until(async () => (await queued.metric('sluice_store_batches')) === 1, { what: 'it is stored' })
}

const errors: Of<'TestErrorHandling' | 'TestNetworkErrors'> = {
  'TestErrorHandling/handle_connection_refused': async () => nobodyAt(`http://127.0.0.1:${await freePort()}/`),
  // No answer within the time counts as 504; a queue keeps it and tries again.
  'TestErrorHandling/handle_timeout': async () => {
    const { legs, push } = await startLeg({ timeout: '1s', say: saying('hang') })
    expect((await push(2, body(1))).status).toBe(504)
    expect((await push(2, body(1))).status).toBe(204)
    expect(legs.length).toBe(2)
    const queued = await startLeg({ timeout: '1s', queue: true, say: saying('hang') })
    expect((await queued.push(2, body(1))).status).toBe(204)
    await queued.came(2)
    await queued.drained()
  },
  'TestErrorHandling/handle_partial_write': () => goesOn(undefined),
  'TestErrorHandling/handle_malformed_response': () => goesOn('What is this?\r\n\r\n'),
  'TestErrorHandling/sender_continues_after_errors': () => goesOn('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n'),
  'TestErrorHandling/handle_invalid_status_code': () => goesOn('HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n'),
  'TestErrorHandling/handle_empty_response': () => goesOn(''),
  'TestErrorHandling/handle_large_error_response': () =>
    goesOn(`HTTP/1.1 503 No\r\nContent-Length: 1048576\r\n\r\n${'x'.repeat(1 << 20)}`),
  'TestNetworkErrors/dns_resolution_failure': () => nobodyAt('http://no.such.host.invalid/'),
  // Known at the start, not at the first push: a router that goes on without an upstream helps nobody.
  'TestNetworkErrors/invalid_url_scheme': () =>
    expect(startLeg({ target: 'invalid://localhost:9999' })).rejects.toThrow('invalid'),
}

/** What is told of one push of one sample, and that there was one request. */
async function toldOf(told: Said) {
  const { legs, push } = await startLeg({ say: () => told })
  const { status, headers, text } = await push(2, body(1))
  expect(legs.length).toBe(1)
  return [status, headers['x-prometheus-remote-write-samples-written'], text] as const
}

const responses: Of<'TestResponseProcessing' | 'TestContentTypeNegotiation'> = {
  'TestResponseProcessing/handle_200_ok': async () => expect((await toldOf(200)).slice(0, 2)).toEqual([200, '1']),
  'TestResponseProcessing/handle_204_no_content': async () =>
    expect((await toldOf(204)).slice(0, 2)).toEqual([204, '1']),
  'TestResponseProcessing/ignore_response_body_on_success': async () => {
    const told = await toldOf({ status: 200, text: 'error: all is lost', headers: written2(1) })
    expect(told.slice(0, 2)).toEqual([200, '1'])
  },
  'TestResponseProcessing/process_written_count_headers': async () =>
    expect((await toldOf({ status: 200, headers: written2(0) })).slice(0, 2)).toEqual([200, '0']),
  'TestResponseProcessing/handle_partial_write_response': async () => {
    const { legs, push } = await startLeg({ say: () => ({ status: 400, text: 'out of order', headers: written2(1) }) })
    const answer = await push(2, body(1, 'a', 'a', 'a'))
    expect([answer.status, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([400, '1'])
    expect(answer.text).toContain('out of order')
    expect(legs.length).toBe(1)
  },
  // Nothing is taken to be written.
  'TestResponseProcessing/handle_missing_written_headers': async () => {
    expect((await toldOf({ status: 500, text: 'x' })).slice(0, 2)).toEqual([500, '0'])
    expect((await toldOf({ status: 404, text: 'x' })).slice(0, 2)).toEqual([404, '0'])
  },
  // To the log and to the sender, as they are; what they say changes nothing.
  'TestResponseProcessing/log_error_messages_verbatim': async () => {
    const text = 'err="ä: {not} 429 \\u0041 <html> please retry as 1.0"'
    const { legs, log, push } = await startLeg({ say: () => refusal(422, text) })
    const told = await push(2, body(1))
    expect([told.status, told.text.includes(text), legs.length]).toEqual([422, true, 1])
    expect(log.some((line) => JSON.parse(line).error?.includes(text))).toBe(true)
  },
  // Some of it is kept, and no more.
  'TestResponseProcessing/handle_large_error_body': async () => {
    const [status, , text] = await toldOf(refusal(400, 'y'.repeat(1 << 20)))
    expect(status).toBe(400)
    expect(text).toContain('yyyy')
    expect(text.length).toBeLessThanOrEqual(8192)
  },
  // No answer that is not about the form changes it.
  TestContentTypeNegotiation: async () => {
    const { legs, push } = await startLeg({ say: saying(refusal(422), refusal(429), refusal(500), 204) })
    for (const ts of [1, 2, 3, 4]) await push(2, body(ts))
    expect(legs.map(({ form }) => form)).toEqual([2, 2, 2, 2])
  },
}

/** An upstream of 1.0, by lanes that answer and by lanes that store: after one push of one sample. */
async function afterFallback(prove: (leg: Awaited<ReturnType<typeof startLeg>>, status: number) => unknown) {
  for (const queue of [false, true]) {
    const leg = await startLeg({ queue, say: ({ form }) => (form === 2 ? 415 : 204) })
    await prove(leg, (await leg.push(2, body(1))).status)
  }
}
const typeOf = ({ headers }: Leg) => [headers['x-prometheus-remote-write-version'], headers['content-type']]

const fallback: Of<'TestFallbackBehavior' | 'TestNoFallbackOn2xx'> = {
  // At once: within the push.
  'TestFallbackBehavior/fallback_on_415_unsupported_media_type': () =>
    afterFallback(({ legs }, status) => expect([status, legs.map(({ form }) => form)]).toEqual([204, [2, 1]])),
  'TestFallbackBehavior/retry_with_different_version': () =>
    afterFallback(({ legs }) => {
      expect(legs.map(itemsOf)).toEqual([['m@1'], ['m@1']])
      expect(legs.map((leg) => typeOf(leg)[0])).toEqual(['2.0.0', '0.1.0'])
    }),
  'TestFallbackBehavior/fallback_header_changes': () =>
    afterFallback(({ legs }) =>
      expect(legs.map((leg) => typeOf(leg)[1])).toEqual([
        'application/x-protobuf;proto=io.prometheus.write.v2.Request',
        'application/x-protobuf',
      ]),
    ),
  'TestFallbackBehavior/accept_success_after_fallback': () =>
    afterFallback(async ({ legs, push, metric }) => {
      const answer = await push(2, body(2))
      expect([answer.status, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([204, '1'])
      expect(legs.map(itemsOf)).toEqual([['m@1'], ['m@1'], ['m@2']])
      expect(await metric('sluice_store_batches')).toBe(0)
    }),
  // For every tenant of the upstream.
  'TestFallbackBehavior/persistent_fallback_choice': () =>
    afterFallback(async ({ legs, push, metric }) => {
      await push(2, body(2, 'a', 'b', 'c'))
      expect(legs.slice(2).map(({ form }) => form)).toEqual([1, 1, 1])
      expect(await metric('sluice_remote_write_fallbacks_total')).toBe(1)
    }),
  // What is taken with counts, or with 202.
  TestNoFallbackOn2xx: async () => {
    for (const queue of [false, true]) {
      const { legs, push } = await startLeg({ queue, say: saying(200, 204, { status: 202, text: '' }, 200) })
      for (const ts of [1, 2, 3, 4]) expect((await push(2, body(ts))).status).toBeLessThan(300)
      expect(legs.map(({ form }) => form)).toEqual([2, 2, 2, 2])
    }
  },
}

const all: Cases<Name, () => Promise<void>> = { ...retries, ...backoff, ...errors, ...responses, ...fallback }
for (const [name, run] of Object.entries(all)) test(name, run)

test('all 38 cases of this kind are here', () => {
  expect(Object.keys(all).sort()).toEqual([...answerNames].sort())
})
