// The in-memory multi-tenant test receiver: remote write (1.0 and 2.0) and Loki pushes in, everything that arrived at hand, strict
// about the specs, faulty on request. It listens on plain HTTP and is for tests and trying out, not for keeping data.

import { setMaxListeners } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { makeApi } from './api.ts'
import { pushPaths } from './check-request.ts'
import { type Fault, makeFaultBoard } from './fault.ts'
import { receivePush } from './receive-push.ts'
import { type LoggedRequest, makeRequestLog } from './request-log.ts'
import { SinkStore, type StoreLimits } from './store.ts'

export interface SinkOptions extends StoreLimits {
  /** `host:port`. Default 127.0.0.1:0, a free port of this machine only. */
  readonly listen?: string
  /** Refuse what breaks a rule (violation.ts). If not, it is only counted. Default true. */
  readonly strict?: boolean
  /** Largest body, packed and unpacked, in bytes. Default 256 MiB. */
  readonly maxBytes?: number
  /** How many requests are kept in the log. Default 1000. */
  readonly maxRequests?: number
  /** ms since 1970; for the log only. */
  readonly now?: () => number
  /** Called for every push once it is settled, with its uncompressed body. */
  readonly onPush?: (request: LoggedRequest, bytes: Uint8Array) => void
}

export interface Sink {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string
  readonly pushUrl: string
  readonly lokiUrl: string
  readonly store: SinkStore
  /** The last pushes, oldest first. */
  readonly requests: readonly LoggedRequest[]
  /** Sets or ends (undefined) a tenant's fault; EVERY_TENANT, `*`, is for all that have none of their own. */
  setFault(tenant: string, fault: Fault | undefined): void
  /**
   * Waits until `condition` holds; looks after every push.
   * Rejects after `timeoutMs` (default 10 s), and when the sink closes.
   */
  until(condition: (sink: Sink) => boolean, timeoutMs?: number): Promise<void>
  /** Forgets everything received, and ends all faults. */
  reset(): void
  /** Stops at once: open connections are cut. */
  close(): Promise<void>
}

/** Starts the receiver. Rejects if the address cannot be listened on. */
export async function startSink(options: SinkOptions = {}): Promise<Sink> {
  const store = new SinkStore(options)
  const faults = makeFaultBoard()
  const log = makeRequestLog(options.maxRequests ?? 1000)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const answers = new Map<string, { tenant: string; status: number; count: number }>()
  const watchers = new Set<() => void>()
  const reset = (): void => {
    store.reset()
    faults.clear()
    log.clear()
    answers.clear()
  }
  const settled = (request: LoggedRequest, bytes: Uint8Array): void => {
    const key = `${request.status} ${request.tenant}`
    const answer = answers.get(key) ?? { tenant: request.tenant, status: request.status, count: 0 }
    answers.set(key, { ...answer, count: answer.count + 1 })
    options.onPush?.(request, bytes)
    for (const look of watchers) look()
  }
  const context = {
    strict: options.strict ?? true,
    store,
    faults,
    log,
    maxBytes: options.maxBytes ?? 256 * 1024 * 1024,
    now: options.now ?? Date.now,
    closing: closing.signal,
    settled,
  }
  const api = getRequestListener(makeApi({ store, faults, log, answers, reset }).fetch)
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    const kind = pushPaths[(request.url ?? '').split('?', 1)[0] as string]
    if (kind === undefined) void api(request, response)
    else void receivePush(kind, context, request, response).catch((error: unknown) => defect(response, error))
  })
  const { port, host } = await listen(server, options.listen ?? '127.0.0.1:0')
  const url = `http://${host}:${port}`

  const sink: Sink = {
    url,
    pushUrl: `${url}/api/v1/push`,
    lokiUrl: `${url}/loki/api/v1/push`,
    store,
    get requests() {
      return log.all
    },
    setFault: faults.set,
    reset,
    until: (condition, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          watchers.delete(look)
          clearTimeout(timer)
          closing.signal.removeEventListener('abort', closed)
        }
        const look = (): void => {
          if (!condition(sink)) return
          stop()
          resolve()
        }
        const fail = (why: string) => (): void => {
          stop()
          reject(
            new Error(
              `the sink ${why} before the condition held; tenants so far: ${store.tenants.join(', ') || 'none'}`,
            ),
          )
        }
        const closed = fail('closed')
        const timer = setTimeout(fail(`saw ${timeoutMs} ms pass`), timeoutMs)
        closing.signal.addEventListener('abort', closed)
        watchers.add(look)
        look()
      }),
    close: async () => {
      closing.abort()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
  return sink
}

function defect(response: ServerResponse, error: unknown): void {
  if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
  response.end(`defect in the sink: ${error instanceof Error ? error.stack : error}\n`)
}

async function listen(
  server: ReturnType<typeof createServer>,
  address: string,
): Promise<{ host: string; port: number }> {
  const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? []
  if (host === undefined) throw new Error(`listen address ${JSON.stringify(address)} is not host:port`)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(Number(port), host.replace(/^\[(.*)\]$/, '$1') || undefined, resolve)
  })
  return { host: host || '127.0.0.1', port: (server.address() as AddressInfo).port }
}
