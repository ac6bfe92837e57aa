// Opens the small listeners (metrics, admin): few connections, short requests, an error text for people when
// the address can't be had.

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Address, addressText, listenProblem, parseAddress, reachableText } from '../config/address.ts'
import { SluiceError } from '../errors.ts'

export interface ListenOptions {
  /** `host:port` as `parseAddress` takes it; port 0: any free one. */
  readonly address: string
  /** The setting that gave the address, for error texts. */
  readonly setting: string
  readonly handler: RequestListener
  /** Connections at one time; further ones are closed at once. Default 64. */
  readonly maxConnections?: number
}

export interface SmallListener {
  /** `host:port` that it listens on, with the port that was got. */
  readonly address: string
  /** http:// and an address that a program on this machine can connect to. */
  readonly url: string
  /** Stops listening; requests under way get `graceMs` (default 1000) to finish. */
  close(graceMs?: number): Promise<void>
}

/** Rejects with SluiceError CONFIG_INVALID; its cause has the system's code, such as EADDRINUSE. */
export async function openListener(options: ListenOptions): Promise<SmallListener> {
  const { address, setting } = options
  const parsed = parseAddress(address)
  if (parsed === undefined) {
    throw new SluiceError('CONFIG_INVALID', `${setting} = "${address}" is no address: use host:port`)
  }
  const server = createServer({ requestTimeout: 30_000, keepAliveTimeout: 60_000 }, options.handler)
  server.maxConnections = options.maxConnections ?? 64
  const port = await listenOn(server, parsed, `${setting} = "${address}"`)
  return {
    address: addressText({ host: parsed.host, port }),
    url: `http://${reachableText({ host: parsed.host, port })}`,
    close: (graceMs = 1000) => endServer(server, graceMs),
  }
}

/** Returns the port that was got. Rejects as `openListener` does, beginning with `what`. */
export function listenOn(server: Server, { host, port }: Address, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new SluiceError('CONFIG_INVALID', `${what}: ${listenProblem(cause)}`, { cause }))
    })
    server.listen({ port, ...(host !== '' && { host }) }, () => resolve((server.address() as AddressInfo).port))
  })
}

/** Stops listening; requests under way get `graceMs` to finish. */
export function endServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}
