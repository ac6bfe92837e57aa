// The library before remote write 2: a program that pushes 2.0 through it is answered as the proxy would, with no option
// for it, and its parts find backends of either version.

import { Agent, request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { tenantFetch } from '../../src/library/tenant-fetch.ts'
import { tenantInterceptor } from '../../src/library/tenant-interceptor.ts'
import type { TenantOptions } from '../../src/library/tenant-options.ts'
import { type Course, failuresOf, prove } from '../support/receiver-proof.ts'
import { contentType2, request2, series2, written2 } from '../support/request-2.ts'
import { startStrictReceiver } from '../support/strict-receiver.ts'
import { startTenantUpstream } from '../support/tenant-upstream.ts'
import { leaves } from './receiver-2/leaves.ts'

type Push = (url: string, body: Buffer, type?: string) => ReturnType<Course['push']>
type Way = (options: TenantOptions) => Push

const headersOf = (type: string) => ({ 'content-type': type, 'content-encoding': 'snappy', 'user-agent': 'x/1' })

const ways: Readonly<Record<string, Way>> = {
  tenantFetch: (options) => {
    const send = tenantFetch(fetch, options)
    return async (url, body, type = contentType2) => {
      const response = await send(url, { method: 'POST', headers: headersOf(type), body: new Uint8Array(body) })
      const { status, headers } = response
      return { status, headers: Object.fromEntries(headers), text: await response.text() }
    }
  },
  tenantInterceptor: (options) => {
    const dispatcher = new Agent().compose(tenantInterceptor(options))
    onTestFinished(() => dispatcher.destroy())
    return async (url, body, type = contentType2) => {
      const response = await request(url, { method: 'POST', headers: headersOf(type), body, dispatcher })
      return { status: response.statusCode, headers: response.headers, text: await response.body.text() }
    }
  },
}

const byLabel: TenantOptions = { labels: ['tenant'] }

for (const [name, way] of Object.entries(ways)) {
  test(`${name}: the cases of the receiver suite`, async () => {
    for (const [speaks, tenants] of [
      ['2.0', 'one'],
      ['1.x by 415', 'two'],
    ] as const) {
      const backend = await startStrictReceiver(speaks)
      const send = way(tenants === 'one' ? { ...byLabel, default: 'suite' } : byLabel)
      const course: Course = { backend, speaks, tenants, push: (body) => send(backend.url, body) }
      const cases = leaves.map((leaf) => [leaf.name, () => prove(leaf, course)] as const)
      expect([speaks, tenants, await failuresOf(Object.fromEntries(cases), backend)]).toEqual([speaks, tenants, []])
    }
  })

  test(`${name}: what upstreams confirmed is added up, in failures too; a 415 is followed by 1.0, and remembered`, async () => {
    const send = way(byLabel)
    const of = (ts: number, ...tenants: string[]) =>
      request2(tenants.map((tenant) => series2(ts, '__name__=m', `tenant=${tenant}`)))
    const told = ({ status, headers }: Awaited<ReturnType<Push>>) => [
      status,
      headers['x-prometheus-remote-write-samples-written'],
    ]
    const types: string[] = []
    const upstream = await startTenantUpstream(({ tenant, headers }) => {
      types.push(headers['content-type']!)
      return { status: tenant === 'down' ? 503 : 204, headers: written2(tenant === 'down' ? 0 : 1) }
    })
    expect(told(await send(upstream.url, of(1, 'a', 'b')))).toEqual([204, '2'])
    expect(told(await send(upstream.url, of(2, 'a', 'down')))).toEqual([503, '1'])
    expect(told(await send(upstream.url, of(2, 'a', '|')))).toEqual([400, '1'])
    expect(new Set(types)).toEqual(new Set([contentType2]))
    const old: string[] = []
    const only1 = await startTenantUpstream(({ headers }) => {
      old.push(headers['content-type']!)
      return headers['content-type'] === contentType2 ? 415 : 204
    })
    for (const ts of [1, 2]) expect(told(await send(only1.url, of(ts, 'a')))).toEqual([204, '1'])
    expect(old).toEqual([contentType2, 'application/x-protobuf', 'application/x-protobuf'])
    const unknown = await send(only1.url, of(3, 'a'), 'application/x-protobuf;proto=io.prometheus.write.v3.Request')
    expect(told(unknown)).toEqual([415, undefined])
    expect(old.length).toBe(3)
  })
}
