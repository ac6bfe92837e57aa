// The sample application as something to scrape: its metrics of all tenants on /metrics.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { renderExposition } from './exposition.ts'
import { sampleTenants } from './sample-metrics.ts'

export interface SampleTargetOptions {
  /** `host:port`. Default 127.0.0.1:0. */
  readonly listen?: string
  /** Default team-a, team-b, team-c. */
  readonly tenants?: readonly string[]
  /** Default `tenant`. */
  readonly tenantLabel?: string
  /** Explicit timestamps in the text. Default false, as most applications. */
  readonly timestamps?: boolean
  readonly now?: () => number
}

export interface SampleTarget {
  readonly metricsUrl: string
  /** Scrapes answered. */
  readonly scrapes: number
  close(): Promise<void>
}

export async function startSampleTarget(options: SampleTargetOptions = {}): Promise<SampleTarget> {
  let scrapes = 0
  const server = createServer((request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404).end('no such path\n')
    scrapes++
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(
      renderExposition({
        tenants: options.tenants ?? sampleTenants,
        tenantLabel: options.tenantLabel ?? 'tenant',
        tsMs: (options.now ?? Date.now)(),
        timestamps: options.timestamps ?? false,
      }),
    )
  })
  const [, host, port] = /^(.+):(\d+)$/.exec(options.listen ?? '127.0.0.1:0') ?? []
  if (host === undefined) throw new Error(`listen address ${JSON.stringify(options.listen)} is not host:port`)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(Number(port), host, resolve))
  return {
    metricsUrl: `http://${host}:${(server.address() as AddressInfo).port}/metrics`,
    get scrapes() {
      return scrapes
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
