// `sluice queue`, spoken to a running proxy and to the store of a stopped one; and how a proxy with a queue starts and
// ends.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Sink } from '../src/dev/sink/sink.ts'
import { bodyOf, post, seriesOf } from './support/push.ts'
import { type Finished, type ProxyProgram, runSluice, sluice, startProxy } from './support/sluice.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { testSink } from './support/test-sink.ts'
import { until } from './support/until.ts'

const fast = ['--queue.ack_grace=1m', '--queue.max_backoff=200ms']

const startQueued = (sink: Sink, path: string, flags: readonly string[] = fast): Promise<ProxyProgram> =>
  startProxy({
    flags: ['--queue', `--storage.path=${path}`, `--target=${sink.pushUrl}`, '--tenancy.labels=tenant', ...flags],
  })

const adminOf = (proxy: ProxyProgram): string => `--admin=${new URL(proxy.adminUrl).host}`

const queue = (...args: readonly string[]): Promise<Finished> => runSluice(['queue', ...args])
const said = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await queue(...args)
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}
interface Listed {
  readonly store: { readonly batches: number; readonly max_bytes: number | null }
  readonly queues: readonly { readonly tenant: string; readonly samples: number; readonly paused: boolean }[]
}
const listed = async (...args: readonly string[]): Promise<Listed> => JSON.parse(await said('list', '--json', ...args))

let clock = 0
const push = async (proxy: ProxyProgram, tenants: readonly string[], times = 1): Promise<void> => {
  for (let i = 0; i < times; i++) {
    const { status } = await post(proxy.pushUrl, bodyOf(seriesOf(tenants, ++clock)))
    expect(status).toBeLessThan(300)
  }
}

const term = async (proxy: ProxyProgram): Promise<void> => {
  proxy.signal('SIGTERM')
  expect(await proxy.ended).toEqual({ code: 0, signal: null })
}

test('list, pause, resume, drain and drop in a running proxy', async () => {
  const sink = await testSink()
  const proxy = await startQueued(sink, join(temporaryFolder(), 'store'))
  const admin = adminOf(proxy)
  expect(await said('list', admin)).toMatch(/^store: 0 B of \d.*, 0 batches\nnothing is stored\n$/)

  sink.setFault('b', { status: 503, body: 'too busy' })
  await push(proxy, ['a', 'b'], 3)
  expect(await listed(admin)).toMatchObject({ queues: [{ tenant: 'b', samples: 3, paused: false, last_status: 503 }] })
  expect(await said('list', admin)).toMatch(/\nb +proxy\/metrics +metrics +\d +3 .* failing: 503 too busy\n$/)
  expect(sink.store.counts('a').samples).toBe(3)
  const tenants = (await (await fetch(`${proxy.adminUrl}/api/v1/tenants?failing=true`)).json()) as { tenants: object[] }
  expect(tenants.tenants).toMatchObject([
    { id: 'b', stored: { samples: 3 }, paused: false, last_error: '503 too busy' },
  ])
  expect(await proxy.metric('sluice_queue_stored_samples', { tenant: 'b' })).toBe(3)
  expect(await proxy.metric('sluice_queue_stored_samples_total', { tenant: 'b' })).toBe(3)
  expect(await proxy.metric('prometheus_remote_storage_samples_pending', { remote_name: 'proxy/metrics' })).toBe(3)

  expect(await said('pause', 'b', admin)).toBe('b is paused\n')
  sink.setFault('b', undefined)
  await push(proxy, ['a', 'b'])
  expect(await listed(admin, '--signal=metrics')).toMatchObject({ queues: [{ tenant: 'b', samples: 4, paused: true }] })
  const waiting = await queue('drain', 'b', admin)
  expect(waiting).toMatchObject({ code: 1, stdout: '' })
  expect(waiting.stderr).toContain('b is paused with ')
  expect(waiting.stderr).toContain('`sluice queue resume b` first')

  expect(await queue('resume', 'b', '--endpoint=proxy/metrics', admin)).toMatchObject({ code: 1 })
  expect(await said('resume', 'b', admin)).toBe('b is not paused\n')
  expect((await queue('drain', 'b', admin)).stdout).toBe('nothing is stored for b\n')
  expect(sink.store.counts('b')).toMatchObject({ samples: 4 })
  expect(sink.store.violations).toEqual([])

  sink.setFault('b', { status: 503 })
  await push(proxy, ['b'], 2)
  expect(await said('drop', 'b', '--signal=logs', admin)).toBe('nothing is stored for b\n')
  expect(await said('drop', 'b', admin)).toMatch(/^dropped for b: \d batch(es)?, 2 samples, \d+ B\n$/)
  expect(await listed(admin)).toMatchObject({ store: { batches: 0 }, queues: [] })
  const dropped = { tenant: 'b', reason: 'removed_by_command' }
  expect(await proxy.metric('sluice_queue_dropped_samples_total', dropped)).toBe(2)
  await term(proxy)
})

test('drain says what is left, and gives up in time', async () => {
  const sink = await testSink()
  const proxy = await startQueued(sink, join(temporaryFolder(), 'store'))
  sink.setFault('a', { status: 500, body: 'broken' })
  await push(proxy, ['a'])
  const { code, stdout, stderr } = await queue('drain', 'a', '--timeout=300ms', adminOf(proxy))
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^a: 1 batch, 1 samples, \d+ B \(failing: 500 broken\)\n/)
  expect(stderr).toContain('after 300ms a still has 1 batch')
})

test('drain does not wait for what upstream asked to wait for', async () => {
  const sink = await testSink()
  const proxy = await startQueued(sink, join(temporaryFolder(), 'store'))
  sink.setFault('a', { status: 429, retryAfter: 200 })
  await push(proxy, ['a'])
  await until(async () => (await listed(adminOf(proxy))).queues.length === 1, { what: 'a is stored' })
  sink.setFault('a', undefined)
  expect((await queue('drain', 'a', '--timeout=10s', adminOf(proxy))).code).toBe(0)
  expect(sink.store.counts('a').samples).toBe(1)
})

test('a stopped store is listed and dropped from; the pause is still there at the next start', async () => {
  const sink = await testSink()
  const path = join(temporaryFolder(), 'store')
  const store = `--storage.path=${path}`
  const first = await startQueued(sink, path)
  for (const tenant of ['a', 'b']) sink.setFault(tenant, { status: 503 })
  await push(first, ['a', 'b'])
  await said('pause', 'a', adminOf(first))

  const busy = await queue('list', store)
  expect(busy).toMatchObject({ code: 1, stdout: '' })
  expect(busy.stderr).toMatch(/is in use by process \d+ on .*\n {2}hint: while it runs, ask it: --admin ADDR\n$/)
  await term(first)

  expect(await listed(store)).toMatchObject({
    store: { batches: 2, max_bytes: null },
    queues: [
      { tenant: 'a', samples: 1, paused: true },
      { tenant: 'a', signal: 'logs', paused: true },
      { tenant: 'b', samples: 1, paused: false },
    ].sort((x, y) => Number('signal' in y) - Number('signal' in x)),
  })
  expect(await said('drop', 'b', store)).toMatch(/^dropped for b: 1 batch, 1 samples, /)
  expect(await listed(store)).toMatchObject({ store: { batches: 1 } })

  for (const tenant of ['a', 'b']) sink.setFault(tenant, undefined)
  const second = await startQueued(sink, path)
  expect(await listed(adminOf(second))).toMatchObject({ store: { batches: 1 } })
  const tenants = (await (await fetch(`${second.adminUrl}/api/v1/tenants`)).json()) as { tenants: object[] }
  expect(tenants.tenants).toMatchObject([{ id: 'a', stored: { batches: 1, samples: 1 }, paused: true }])
  const left = (await listed(adminOf(second))).queues.map(({ tenant, paused }) => [tenant, paused])
  expect(left).toEqual([['a', true], ['a', true]]) // biome-ignore format: one line
  await said('resume', 'a', adminOf(second))
  expect((await queue('drain', 'a', adminOf(second))).code).toBe(0)
  expect([sink.store.counts('a').samples, sink.store.counts('b').samples]).toEqual([1, 0])
  await term(second)
})

test('where the command can’t be carried out, it says why', async () => {
  const folder = temporaryFolder()
  const check = async (args: readonly string[], code: number, words: string | RegExp) => {
    const finished = await queue(...args)
    expect([finished.code, finished.stdout]).toEqual([code, ''])
    expect(finished.stderr).toMatch(words)
  }
  await check(['list', '--admin=127.0.0.1:1'], 1, 'no Sluice answers at 127.0.0.1:1 (ECONNREFUSED)')
  await check(['list', '--admin=here'], 2, 'write host:port')
  await check(['list', `--storage.path=${folder}`], 1, 'there is no store (ENOENT)')
  expect(existsSync(join(folder, 'db'))).toBe(false)
  await check(
    ['drop', 'a', `--storage.path=${folder}`, '--admin=127.0.0.1:1'],
    2,
    'give --admin for a running process or',
  )
  await check(['pause', 'a', `--storage.path=${folder}`], 2, /unknown option '--storage.path/)
  await check(['drop'], 2, "missing required argument 'tenant'")
  await check(['drop', 'a b'], 2, '"a b" is no tenant: it contains " "')
  await check(['drop', 'a', '--signal=traces'], 2, 'Allowed choices are metrics, logs')
  await check(['drain', 'a', '--timeout=soon'], 2, '--timeout "soon": write a duration such as 10m')

  const sink = await testSink()
  const direct = await startProxy({ flags: [`--target=${sink.pushUrl}`] })
  expect(await said('list', adminOf(direct))).toBe(
    'there is no queue: queue.enabled is not set, so nothing is stored\n',
  )
  await check(['pause', 'a', adminOf(direct)], 1, 'there is no queue: set queue.enabled (--queue) and restart')
})

test('starts that are refused', async () => {
  const folder = temporaryFolder()
  const check = async (path: string, code: number, words: string | RegExp) => {
    const listeners = ['listen', 'listen_metrics_address', 'server.http.listen_addr'].map(
      (name) => `--${name}=127.0.0.1:0`,
    )
    const refused = sluice(['proxy', '--queue', `--storage.path=${path}`, ...listeners])
    expect(await refused.ended).toEqual({ code, signal: null })
    expect(refused.stderr.filter((line) => !line.startsWith('{')).join('\n')).toMatch(words)
    expect(refused.stdout).toEqual([])
  }
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await check(file, 78, `storage.path = "${file}" is a file`)
  await check('', 78, 'the store needs a directory')
  await check(join(file, 'below'), 1, /^STORE_UNAVAILABLE: the store in .* can’t be opened: /)

  const sink = await testSink()
  const path = join(folder, 'store')
  const first = await startQueued(sink, path)
  await check(path, 1, new RegExp(`^STORE_IN_USE: .* is in use by process ${first.pid} on `))
  await push(first, ['a'])
  await term(first)
  writeFileSync(join(path, 'version'), 'sluice store 2\n')
  await check(path, 1, /^STORE_TOO_NEW: .* layout 2; this version of Sluice knows 1\. It was left untouched/)
})

test('SIGTERM stores what upstream has not answered; the next start sends it', async () => {
  const sink = await testSink()
  const path = join(temporaryFolder(), 'store')
  const patient = ['--queue.ack_grace=1m', '--timeout=2m', '--server.shutdown_deadline=500ms']
  const first = await startQueued(sink, path, patient)
  sink.setFault('a', { hang: true })
  const waiting = post(first.pushUrl, bodyOf(seriesOf(['a', 'b'], 7)))
  await sink.until(({ requests }) => requests.length === 2)
  first.signal('SIGTERM')
  expect((await waiting).status).toBeLessThan(300)
  expect(await first.ended).toEqual({ code: 0, signal: null })
  expect(await listed(`--storage.path=${path}`)).toMatchObject({ queues: [{ tenant: 'a', samples: 1 }] })

  sink.setFault('a', undefined)
  await startQueued(sink, path)
  await sink.until(({ store }) => store.counts('a').samples === 1)
  expect(sink.store.counts('b')).toMatchObject({ samples: 1, duplicates: 0 })
})

test('a second signal ends the wait, not the storing', async () => {
  const sink = await testSink()
  const path = join(temporaryFolder(), 'store')
  const patient = ['--queue.ack_grace=1m', '--timeout=2m', '--server.shutdown_deadline=1m']
  const proxy = await startQueued(sink, path, patient)
  sink.setFault('a', { hang: true })
  const waiting = post(proxy.pushUrl, bodyOf(seriesOf(['a'], 7)))
  await sink.until(({ requests }) => requests.length === 1)
  proxy.signal('SIGTERM')
  expect((await waiting).status).toBe(204)
  expect(proxy.end).toBe(undefined)
  proxy.signal('SIGTERM')
  expect(await until(() => proxy.end, { what: 'the end' })).toEqual({ code: 0, signal: null })
  expect(await listed(`--storage.path=${path}`)).toMatchObject({ queues: [{ tenant: 'a', samples: 1 }] })
})

test('a reload changes what can be changed, and says what needs a restart', async () => {
  const sink = await testSink()
  const path = join(temporaryFolder(), 'store')
  const text = (more: string, storage: string) =>
    `target: ${sink.pushUrl}\ntenant: { label: tenant }\nsluice: { queue: { ${more} }, storage: { path: "${storage}" } }\n`
  const proxy = await startProxy({ config: text('enabled: true, ack_grace: 1m, max_samples_per_send: 7', path) })
  const limit = () => proxy.metric('prometheus_remote_storage_max_samples_per_send', { remote_name: 'proxy/metrics' })
  expect(await limit()).toBe(7)
  proxy.configure(text('enabled: false, max_samples_per_send: 9', `${path}-2`))
  const notes = await (await fetch(`${proxy.adminUrl}/-/reload`, { method: 'POST' })).text()
  expect(notes).toContain('queue.enabled is another now: it takes effect at the next start')
  expect(notes).toContain('storage.path is another now')
  sink.setFault('a', { status: 503 })
  await push(proxy, ['a'])
  expect(await listed(adminOf(proxy))).toMatchObject({ store: { batches: 1 } })
})
