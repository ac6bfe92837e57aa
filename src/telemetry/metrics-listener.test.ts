import { expect, onTestFinished, test } from 'vitest'
import { startMetricsListener } from './metrics-listener.ts'
import { createRegistry } from './registry.ts'

const start = async (
  address = '127.0.0.1:0',
  registry = createRegistry({ includeTenant: false, processMetrics: false }),
) => {
  const listener = await startMetricsListener({ address, registry })
  onTestFinished(() => listener.close(0))
  return { listener, registry, url: `http://${listener.address}` }
}

test('serves the exposition', async () => {
  const { url, registry } = await start()
  registry.meter.tally('sluice_tenants').value = 7
  const response = await fetch(`${url}/metrics?x=1`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await response.text()).toContain('\nsluice_tenants 7\n')
  const head = await fetch(`${url}/metrics`, { method: 'HEAD' })
  expect(head.status).toBe(200)
  expect(await head.text()).toBe('')
})

test('nothing else', async () => {
  const { url } = await start()
  const check = async (path: string, method: string, want: number) => {
    const response = await fetch(url + path, { method, ...(method === 'POST' ? { body: 'x'.repeat(100_000) } : {}) })
    await response.arrayBuffer()
    expect(response.status).toBe(want)
    if (want === 405) expect(response.headers.get('allow')).toBe('GET, HEAD')
  }
  await check('/metrics', 'POST', 405)
  await check('/metrics', 'DELETE', 405)
  await check('/metrics/', 'GET', 404)
  await check('/', 'GET', 404)
  await check('/debug/pprof/', 'GET', 404)
  await check('/push', 'POST', 404)
})

test('a collector that fails is a 500, and the listener lives on', async () => {
  const registry = createRegistry({ includeTenant: false, processMetrics: false })
  const { url } = await start('127.0.0.1:0', { ...registry, exposition: () => Promise.reject(new Error('boom')) })
  for (let n = 0; n < 2; n++) expect((await fetch(`${url}/metrics`)).status).toBe(500)
})

test('addresses: what is wrong is said', async () => {
  const { listener } = await start()
  const check = (address: string, want: RegExp) => expect(start(address)).rejects.toThrow(want)
  await check(listener.address, /^listen_metrics_address = "127\.0\.0\.1:\d+": the address is taken by another program/)
  await check('9090', /^listen_metrics_address = "9090" is no address: use host:port$/)
  await check('203.0.113.1:0', /this machine has no such address/)
})

test('the port is free again after close', async () => {
  const { listener } = await start()
  await fetch(`http://${listener.address}/metrics`).then((response) => response.text())
  await listener.close()
  const again = await start(listener.address)
  expect(again.listener.address).toBe(listener.address)
})
