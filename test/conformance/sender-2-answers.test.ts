// The sender suite of remote write 2 (prometheus/compliance, remotewrite/sender), by its names: the cases about what a
// sender makes of answers. Repeats are counted and a 415 is really sent, which the suite does not manage. Lanes that
// store repeat by themselves; lanes that answer leave it to their sender, and send again what failed.

import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { request2, series2, written2 } from '../support/request-2.ts'
import { itemsOf, type Say, startLeg } from '../support/sender-leg.ts'
import { until } from '../support/until.ts'

const body = (tsMs: number, ...tenants: string[]) =>
  request2((tenants.length === 0 ? ['a'] : tenants).map((tenant) => series2(tsMs, '__name__=m', `tenant=${tenant}`)))

/** Upstream's first answers, then 204. */
const saying =
  (...first: readonly ReturnType<Say>[]): Say =>
  (_leg, nth) =>
    first[nth - 1] ?? 204
const refusal = (status: number, text = '') => ({ status, text, headers: written2(0) })

test('TestRetryBehavior/no_retry_on_400, 401, 404, 413: one request, and the sender is told once', async () => {
  for (const queue of [false, true]) {
    for (const status of [400, 401, 404, 413]) {
      const { legs, push } = await startLeg({ queue, say: saying(refusal(status, 'no')) })
      const answer = await push(2, body(1))
      expect([answer.status, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([status, '0'])
      expect(answer.text).toContain('no')
      // Another one comes after it: there is none in between.
      expect((await push(2, body(2))).status).toBe(204)
      expect(legs.map(itemsOf)).toEqual([['m@1'], ['m@2']])
    }
  }
})

test('TestRetryBehavior/may_retry_on_429, retry_on_500, 502, 503, 504: the very same again, by a queue itself', async () => {
  for (const status of [429, 500, 502, 503, 504]) {
    const { legs, push, came, drained } = await startLeg({ queue: true, say: saying(refusal(status), refusal(status)) })
    expect((await push(2, body(1))).status).toBe(204)
    await came(3)
    await drained()
    expect(legs.map(itemsOf)).toEqual([['m@1'], ['m@1'], ['m@1']])
    expect(legs.map(({ form }) => form)).toEqual([2, 2, 2])
  }
})

test('the same by the sender where lanes answer: only what failed goes again', async () => {
  for (const status of [429, 500, 502, 503, 504]) {
    const { legs, push } = await startLeg({
      say: ({ tenant }, nth) => (tenant === 'b' && nth < 4 ? refusal(status) : 204),
    })
    const sent = body(1, 'a', 'b')
    const answers = [await push(2, sent), await push(2, sent), await push(2, sent)]
    expect(answers.map((answer) => answer.status)).toEqual([status, status, 204])
    expect(answers.map(({ headers }) => headers['x-prometheus-remote-write-samples-written'])).toEqual(['1', '1', '2'])
    expect(legs.map(({ tenant }) => tenant).sort()).toEqual(['a', 'b', 'b', 'b'])
  }
})

test('TestBackoffBehavior: pauses that grow, bounded, with jitter under a fifth', async () => {
  const { legs, push, came } = await startLeg({ queue: true, say: (_leg, nth) => (nth < 9 ? refusal(503) : 204) })
  await push(2, body(1))
  await came(9)
  const gaps = legs.slice(1).map(({ at }, k) => at - legs[k]!.at)
  // exponential_backoff_on_retries, backoff_required: min_backoff is 20 ms, doubled each time, less the jitter.
  const least = [20, 40, 80, 160, 200, 200, 200, 200].map((ms) => ms * 0.8)
  for (const [k, gap] of gaps.entries()) expect(gap, `pause ${k}`).toBeGreaterThanOrEqual(least[k]! - 2)
  // backoff_max_delay: max_backoff is 200 ms; what the machine adds is its own.
  for (const gap of gaps) expect(gap).toBeLessThan(200 * 10)
  // backoff_with_jitter: of eight pauses no two are the same to the microsecond.
  expect(new Set(gaps.map((gap) => gap.toFixed(3))).size).toBe(gaps.length)
})

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

test('TestErrorHandling: what is no answer is tried again, and the sender goes on', async () => {
  const failures = {
    handle_partial_write: undefined,
    handle_malformed_response: 'What is this?\r\n\r\n',
    handle_invalid_status_code: 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n',
    handle_empty_response: '',
    sender_continues_after_errors: 'HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n',
    handle_large_error_response: `HTTP/1.1 503 No\r\nContent-Length: 1048576\r\n\r\n${'x'.repeat(1 << 20)}`,
  }
  for (const [name, failure] of Object.entries(failures)) {
    const raw = await startRaw([failure, failure, taken])
    const { push, drained } = await startLeg({ queue: true, target: raw.url })
    expect((await push(2, body(1))).status, name).toBe(204)
    await drained()
    expect(raw.connections(), name).toBe(3)
    raw.close()
    const direct = await startRaw([failure, taken])
    const leg = await startLeg({ target: direct.url })
    expect((await leg.push(2, body(1))).status, name).toBeGreaterThanOrEqual(500)
    expect((await leg.push(2, body(1))).status, name).toBe(204)
    direct.close()
  }
})

test('TestErrorHandling/handle_connection_refused, TestNetworkErrors/dns_resolution_failure: 503, and it goes on', async () => {
  for (const target of [`http://127.0.0.1:${await freePort()}/`, 'http://no.such.host.invalid/']) {
    const { push } = await startLeg({ target })
    for (const ts of [1, 2]) {
      const answer = await push(2, body(ts))
      expect([answer.status, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([503, '0'])
    }
    const queued = await startLeg({ target, queue: true })
    expect((await queued.push(2, body(1))).status).toBe(204)
    await until(async () => (await queued.metric('sluice_store_batches')) === 1, { what: 'it is stored' })
  }
})

test('TestErrorHandling/handle_timeout: no answer within the time counts as 504; a queue keeps it and tries again', async () => {
  const { legs, push } = await startLeg({ say: saying('hang') })
  expect((await push(2, body(1))).status).toBe(504)
  expect((await push(2, body(1))).status).toBe(204)
  expect(legs.length).toBe(2)
  const queued = await startLeg({ queue: true, say: saying('hang') })
  expect((await queued.push(2, body(1))).status).toBe(204)
  await queued.came(2)
  await queued.drained()
})

test('TestNetworkErrors/invalid_url_scheme: known at the start, not at the first push', async () => {
  await expect(startLeg({ target: 'invalid://localhost:9999' })).rejects.toThrow('invalid')
})

test('TestResponseProcessing: success in any of its shapes', async () => {
  const check = async (told: ReturnType<Say>, want: readonly [status: number, samples: string]) => {
    const { legs, push } = await startLeg({ say: () => told })
    const answer = await push(2, body(1))
    expect([answer.status, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual(want)
    expect(legs.length).toBe(1)
  }
  // handle_200_ok, handle_204_no_content
  await check(200, [200, '1'])
  await check(204, [204, '1'])
  // ignore_response_body_on_success
  await check({ status: 200, text: 'error: all is lost', headers: written2(1) }, [200, '1'])
  // process_written_count_headers, handle_partial_write_response
  await check({ status: 200, headers: written2(0) }, [200, '0'])
  await check({ status: 400, text: 'out of order', headers: written2(1) }, [400, '1'])
})

test('TestResponseProcessing: failure in any of its shapes', async () => {
  // handle_missing_written_headers: nothing is taken to be written.
  const failing = await startLeg({ say: () => ({ status: 500, text: 'x' }) })
  expect((await failing.push(2, body(1))).headers['x-prometheus-remote-write-samples-written']).toBe('0')
  // log_error_messages_verbatim: to the log and to the sender, as they are.
  const text = 'err="ä: {not} 429 \\u0041 <html>"'
  const verbatim = await startLeg({ say: () => refusal(422, text) })
  const told = await verbatim.push(2, body(1))
  expect([told.status, told.text.includes(text)]).toEqual([422, true])
  expect(verbatim.log.some((line) => JSON.parse(line).error?.includes(text))).toBe(true)
  // handle_large_error_body: some of it is kept, and no more.
  const large = await startLeg({ say: () => refusal(400, 'y'.repeat(1 << 20)) })
  const answer = await large.push(2, body(1))
  expect(answer.status).toBe(400)
  expect(answer.text.length).toBeLessThanOrEqual(8192)
})

test('TestContentTypeNegotiation: no answer that is not about the form changes it', async () => {
  const { legs, push } = await startLeg({ say: saying(refusal(422), refusal(429), refusal(500), 204) })
  for (const ts of [1, 2, 3, 4]) await push(2, body(ts))
  expect(legs.map(({ form }) => form)).toEqual([2, 2, 2, 2])
})

test('TestFallbackBehavior: a 415 is answered with the same in 1.0, at once, and remembered', async () => {
  for (const queue of [false, true]) {
    const { legs, push, metric } = await startLeg({ queue, say: ({ form }) => (form === 2 ? 415 : 204) })
    // fallback_on_415_unsupported_media_type, accept_success_after_fallback
    const answer = await push(2, body(1))
    expect([answer.status, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([204, '1'])
    expect(legs.map(itemsOf)).toEqual([['m@1'], ['m@1']])
    // retry_with_different_version, fallback_header_changes
    expect(legs.map(({ headers }) => [headers['x-prometheus-remote-write-version'], headers['content-type']])).toEqual([
      ['2.0.0', 'application/x-protobuf;proto=io.prometheus.write.v2.Request'],
      ['0.1.0', 'application/x-protobuf'],
    ])
    // persistent_fallback_choice: for every tenant of the upstream.
    await push(2, body(2, 'a', 'b', 'c'))
    expect(legs.slice(2).map(({ form }) => form)).toEqual([1, 1, 1])
    expect(await metric('sluice_remote_write_fallbacks_total')).toBe(1)
  }
})

test('an upstream of before 2.0 that answers 400, or 2xx without having read anything', async () => {
  for (const status of [400, 200]) {
    const { legs, push } = await startLeg({ say: ({ form }) => (form === 2 ? { status, text: 'no timeseries' } : 204) })
    expect((await push(2, body(1))).status).toBe(204)
    expect(legs.map(({ form }) => form)).toEqual([2, 1])
  }
})

test('TestNoFallbackOn2xx: what is taken with counts, or with 202, stays 2.0', async () => {
  const { legs, push } = await startLeg({ say: saying(200, 204, { status: 202, text: '' }, 200) })
  for (const ts of [1, 2, 3, 4]) expect((await push(2, body(ts))).status).toBeLessThan(300)
  expect(legs.map(({ form }) => form)).toEqual([2, 2, 2, 2])
})
