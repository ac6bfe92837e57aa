// An upstream that says to each tenant what the test wants, and shows what came, when it comes.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { decodeWriteRequest } from '../../src/dev/encode.ts'
import { uncompress } from '../../src/wire/snappy.ts'

export interface Arrival {
  readonly tenant: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The client went away before it was answered. */
  isCut: boolean
}

export interface Told {
  readonly status: number
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A status, a whole answer, or 'hang': none, ever. */
export type Tell = (arrival: Arrival) => number | Told | 'hang' | Promise<number | Told | 'hang'>

export interface TenantUpstream {
  /** `http://host:port`. */
  readonly origin: string
  readonly url: string
  readonly arrivals: readonly Arrival[]
  tell: Tell
  /** Tenants in the order of their arrival, since the last call. */
  tenants(): string[]
  /** Resolves once `condition` holds; looked at whenever something comes or goes. */
  until(condition: () => boolean): Promise<void>
}

/** Runs until the test ends. Without `tell` every tenant is answered 200. */
export async function startTenantUpstream(tell: Tell = () => 200): Promise<TenantUpstream> {
  const arrivals: Arrival[] = []
  const watchers = new Set<() => void>()
  const changed = (): void => {
    for (const look of watchers) look()
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const headers = request.headers as Record<string, string>
    const { method = '', url: path = '' } = request
    const tenant = headers['x-scope-orgid'] ?? ''
    const arrival: Arrival = { tenant, method, path, headers, body: Buffer.concat(chunks), isCut: false }
    response.on('close', () => {
      arrival.isCut = !response.writableFinished
      changed()
    })
    arrivals.push(arrival)
    changed()
    const told = await upstream.tell(arrival)
    if (told === 'hang') return
    const { status, text, headers: more } = typeof told === 'number' ? { status: told } : told
    response.writeHead(status, { ...more }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let told = 0
  const upstream: TenantUpstream = {
    origin,
    url: `${origin}/api/v1/push`,
    arrivals,
    tell,
    tenants() {
      const since = arrivals.slice(told).map(({ tenant }) => tenant)
      told = arrivals.length
      return since.sort()
    },
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition()) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
  }
  return upstream
}

/** Values of the label `i` of the series that came for the tenant, in order. */
export const seriesOf = ({ body }: Arrival): string[] =>
  decodeWriteRequest(uncompress(body, 1 << 20)).series.map(
    ({ labels }) => labels.find(([name]) => name === 'i')?.[1] ?? '',
  )
