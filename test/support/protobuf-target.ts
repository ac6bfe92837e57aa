// Something to scrape in Prometheus' protobuf format: the only one that carries native histograms.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { ProtoWriter } from '../../src/dev/proto-writer.ts'

/** Observations that each scrape of a tenant's histogram shows; Prometheus' schema 0, all in one bucket. */
export const observed = (tenant: string): number => 100 + (tenant.codePointAt(tenant.length - 1) ?? 0)

/** Host:port of a target with a native histogram and a counter with an exemplar for each tenant. */
export async function startProtobufTarget(tenants: readonly string[]): Promise<string> {
  const type = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'
  const body = Buffer.concat([
    family('shop_latency_seconds', 4, tenants, (tenant, w) => w.message(7, () => nativeHistogram(observed(tenant), w))),
    family('shop_visits_total', 0, tenants, (tenant, w) => w.message(3, () => counter(tenant, w))),
  ])
  const server = createServer((_request, response) => response.writeHead(200, { 'content-type': type }).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A MetricFamily (io.prometheus.client, metrics.proto) with its length before it. */
function family(
  name: string,
  type: number,
  tenants: readonly string[],
  write: (tenant: string, w: ProtoWriter) => void,
): Uint8Array {
  const w = new ProtoWriter()
  w.message(1, () => {
    w.bytes(1, name).bytes(2, `Help of ${name}.`).int64(3, type)
    for (const tenant of tenants) {
      w.message(4, () => {
        w.message(1, () => w.bytes(1, 'tenant').bytes(2, tenant))
        write(tenant, w)
      })
    }
  })
  // As a field, a message has its length before it; the tag is one byte.
  return w.finish().subarray(1)
}

function nativeHistogram(count: number, w: ProtoWriter): void {
  w.int64(1, count)
    .double(2, count / 2)
    .double(6, 1e-128)
  w.message(12, () => w.int64(1, 0).int64(2, 1))
  // sint64: zigzag.
  w.int64(13, count * 2)
}

function counter(tenant: string, w: ProtoWriter): void {
  w.double(1, 7)
  w.message(2, () => w.message(1, () => w.bytes(1, 'trace_id').bytes(2, `of-${tenant}`)).double(2, 1))
}
