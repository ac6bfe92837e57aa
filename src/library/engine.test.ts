import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { series, write } from '../../test/support/bodies.ts'
import { metricsOf } from '../../test/support/pipeline.ts'
import type { HttpRequest, HttpResponse, Send } from '../wire/message.ts'
import { createEngine } from './engine.ts'
import { readTenantOptions } from './tenant-options.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const ok: HttpResponse = { status: 200, headers: {}, body: new Uint8Array(0) }
const request = (body: Uint8Array, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url: 'http://up/push',
  headers,
  body,
  ...more,
})
const engineOf = () => createEngine(readTenantOptions({ labels: ['tenant'] }))

test('what is no push is sent as it is', () => {
  const get = request(new Uint8Array(0), { method: 'GET' })
  const sent = Promise.resolve(ok)
  const send: Send = (seen) => {
    expect(seen).toBe(get)
    return sent
  }
  expect(engineOf().push(get, send)).toBe(sent)
})

test('a caller’s buffer, whole or a view, is not changed, and freed memory is not its own', async () => {
  const block = metricsOf(['a', 'b', 'a'])
  const surrounded = Buffer.concat([Buffer.alloc(100_000, 1), block, Buffer.alloc(100_000, 2)])
  const copy = Buffer.from(surrounded)
  const view = surrounded.subarray(100_000, 100_000 + block.length)
  const bodies: string[] = []
  const send: Send = async ({ headers: own, body }) => {
    bodies.push(`${own['x-scope-orgid']} ${body.length > 0}`)
    return ok
  }
  expect((await engineOf().push(request(view), send)).status).toBe(200)
  expect(bodies).toEqual(['a true', 'b true'])
  expect(surrounded.equals(copy)).toBe(true)
  // Sent as it is, uncompressed too: nothing of the library may free it.
  const logs = Buffer.from(
    JSON.stringify({ streams: [{ stream: { tenant: 'a', x: 'y'.repeat(70_000) }, values: [['1', 'z']] }] }),
  )
  const plain = request(new Uint8Array(logs), {
    url: 'http://up/loki/push',
    headers: { 'content-type': 'application/json' },
  })
  expect((await engineOf().push(plain, send)).status).toBe(200)
  expect(Buffer.from(plain.body)).toEqual(logs)
})

test('a caller’s buffer is not kept once the call is settled, whatever became of it', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const engine = createEngine(readTenantOptions({ labels: ['tenant'], keepLabel: true }))
  const check = async (name: string, answer: (abort: AbortController) => Promise<HttpResponse>) => {
    const abort = new AbortController()
    const reference = await (async () => {
      const body = new Uint8Array(metricsOf(['a'], { metadata: [{ family: 'held' }] }))
      await engine.push(request(body, { signal: abort.signal }), () => answer(abort)).catch(() => undefined)
      return new WeakRef(body.buffer)
    })()
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    gc()
    expect(reference.deref(), name).toBeUndefined()
  }
  await check('taken', async () => ok)
  await check('to be repeated', async () => ({ ...ok, status: 503 }))
  await check('unreachable', () => Promise.reject(new Error('no')))
  await check('aborted', async (abort) => {
    abort.abort()
    throw abort.signal.reason
  })
})

test('one tenant that keeps its label: the very bytes', async () => {
  const body = metricsOf(['a'])
  let seen: Uint8Array | undefined
  const engine = createEngine(readTenantOptions({ labels: ['tenant'], keepLabel: true }))
  await engine.push(request(body), async (part) => {
    seen = part.body
    return ok
  })
  expect(seen?.buffer).toBe(body.buffer)
  expect(Buffer.from(seen ?? []).equals(body)).toBe(true)
})

test('signal and time of the request are those of each part; without them there are none', async () => {
  const check = async (more: Partial<HttpRequest>, want: object) => {
    await engineOf().push(request(metricsOf(['a']), more), async (part) => {
      expect({ timed: part.timeoutMs !== undefined, ended: part.signal !== undefined }).toEqual(want)
      return ok
    })
  }
  await check({}, { timed: false, ended: false })
  await check({ timeoutMs: 1000 }, { timed: true, ended: false })
  await check({ signal: new AbortController().signal }, { timed: false, ended: true })
})

test('headers of parts: the same object for a tenant as long as the caller’s are equal', async () => {
  const seen = new Set<unknown>()
  const engine = engineOf()
  const push = (value: number, own = {}) =>
    engine.push(request(metricsOf(['a'], { value }), { headers: { ...headers, ...own } }), async (part) => {
      seen.add(part.headers)
      return ok
    })
  await push(1)
  await push(2)
  expect(seen.size).toBe(1)
  await push(3, { 'x-own': '1' })
  expect(seen.size).toBe(2)
})

test('at most 64 in flight to a URL, fairly shared; another URL has its own', async () => {
  let inFlight = 0
  let most = 0
  const release: (() => void)[] = []
  const send: Send = () => {
    most = Math.max(most, ++inFlight)
    return new Promise((resolve) =>
      release.push(() => {
        inFlight--
        resolve(ok)
      }),
    )
  }
  const engine = engineOf()
  const many = write(Array.from({ length: 100 }, (_, i) => series(`tenant=t${i}`, '__name__=m')))
  const pushed = engine.push(request(many), send)
  expect([release.length, most]).toEqual([64, 64])
  const other = engine.push(request(metricsOf(['a']), { url: 'http://other/push' }), send)
  expect(release.length).toBe(65)
  while (inFlight > 0) {
    for (const end of release.splice(0)) end()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect([(await pushed).status, (await other).status]).toEqual([200, 200])
})

test('URLs beyond 64: the least used is forgotten, what is under way goes on', async () => {
  const engine = engineOf()
  let answer: (response: HttpResponse) => void = () => undefined
  const first = engine.push(request(metricsOf(['a'])), () => new Promise((resolve) => (answer = resolve)))
  for (let i = 0; i < 70; i++) await engine.push(request(metricsOf(['a']), { url: `http://up/${i}` }), async () => ok)
  answer({ ...ok, status: 202 })
  expect((await first).status).toBe(202)
})

test('a defect is thrown, not answered', async () => {
  const broken = { ...request(metricsOf(['a'])), body: undefined as unknown as Uint8Array }
  await expect(engineOf().push(broken, async () => ok)).rejects.toThrow(TypeError)
})
