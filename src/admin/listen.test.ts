import { request } from 'node:http'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { createRegistry } from '../telemetry/registry.ts'
import { createAdminApp } from './app.ts'
import { startAdmin } from './listen.ts'

const start = async (address: string, explicitlySet: boolean, app = new Hono().get('/', (c) => c.text('hello'))) => {
  const lines: string[] = []
  const listener = await startAdmin({ address, explicitlySet, app, log: { warn: (msg) => lines.push(msg) } })
  onTestFinished(() => listener?.close(0))
  return { listener, lines }
}

test('serves the app over a socket and leaves the global Request alone', async () => {
  const before = [globalThis.Request, globalThis.Response]
  const { listener, lines } = await start('127.0.0.1:0', true)
  expect(await (await fetch(`http://${listener!.address}/`)).text()).toBe('hello')
  expect([globalThis.Request, globalThis.Response]).toEqual(before)
  expect(lines).toEqual([])
})

test('a taken default address is one log line; a taken chosen one is an error', async () => {
  const { listener } = await start('127.0.0.1:0', true)
  const { address } = listener!
  const second = await start(address, false)
  expect(second.listener).toBeUndefined()
  expect(second.lines).toEqual([
    `the admin listener is off: ${address} is taken; set server.http.listen_addr to have one`,
  ])
  await expect(start(address, true)).rejects.toThrow(`server.http.listen_addr = "${address}": the address is taken`)
  await expect(start('nowhere', false)).rejects.toThrow('is no address')
})

const admin = async (): Promise<string> => {
  const app = createAdminApp({
    notReady: () => [],
    reload: async () => ({ ok: true }),
    tenants: () => [],
    queues: undefined,
    rejections: { list: () => [] },
    explain: (questions) => ({ outcomes: questions }),
    metrics: createRegistry({ includeTenant: false, processMetrics: false }),
    onDefect: () => undefined,
  })
  const { listener } = await start('127.0.0.1:0', true, app)
  return `http://${listener!.address}`
}

test('a POST without a length, with a body or without one, as curl and scripts send it', async () => {
  const url = await admin()
  const post = (path: string, chunks: readonly string[]) =>
    new Promise<[number | undefined, string]>((resolve, reject) => {
      const sending = request(`${url}${path}`, { method: 'POST', agent: false }, (response) => {
        let text = ''
        response.on('data', (chunk) => (text += chunk)).on('end', () => resolve([response.statusCode, text]))
      })
      sending.on('error', reject)
      sending.useChunkedEncodingByDefault = chunks.length > 0
      for (const chunk of chunks) sending.write(chunk)
      sending.end()
    })
  expect(await post('/-/reload', [])).toEqual([200, 'reloaded\n'])
  expect(await post('/api/v1/explain', ['{"labels":', '{"a":"b"}}'])).toEqual([
    200,
    expect.stringContaining('"labels":[["a","b"]]'),
  ])
})

test('a chunked body that never ends is cut at 1 MiB', async () => {
  const url = await admin()
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const post = request(`${url}/api/v1/explain`, { method: 'POST' }, (response) => {
      response.resume()
      resolve(response.statusCode)
      post.destroy()
    })
    post.on('error', reject)
    const chunk = Buffer.alloc(65_536, 'x')
    const more = () => {
      if (post.destroyed) return
      post.write(chunk, () => setImmediate(more))
    }
    more()
  })
  expect(status).toBe(413)
})
