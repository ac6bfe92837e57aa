// The upstream of a ledger: takes pushes into the book, with faults per tenant, and with doors that can be shut.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { type Fault, makeFaultBoard } from '../../../src/dev/sink/fault.ts'
import type { Book } from './book.ts'
import { readBody } from './readings.ts'

/** Another address of the receiver. Shut, it refuses connections; what it has taken by then it answers. */
export interface Door {
  readonly url: string
  open(): Promise<void>
  shut(): Promise<void>
}

export interface Receiver extends Door {
  /** Sets or ends (undefined) the fault of these tenants. `store` and `times` work as the sink's do. */
  setFault(tenants: readonly string[], fault: Fault | undefined): void
  /** Requests of this tenant with more series are answered 413. */
  limitSeries(tenant: string, most: number): void
  /** An address of its own, open. */
  addDoor(): Promise<Door>
  /** Requests that came, taken or not. */
  readonly requests: number
  /** Tenant → the most of its requests that were there at one time. */
  readonly mostAtOnce: Map<string, number>
}

/** Runs until the test ends. `roundTripMs`: so long every answer takes; default 0. */
export async function startReceiver(book: Book, { roundTripMs = 0 } = {}): Promise<Receiver> {
  const faults = makeFaultBoard()
  const present = new Map<string, number>()
  let requests = 0
  const mostAtOnce = new Map<string, number>()
  const mostSeries = new Map<string, number>()

  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const tenant = String(request.headers['x-scope-orgid'] ?? '')
    const count = (present.get(tenant) ?? 0) + 1
    present.set(tenant, count)
    mostAtOnce.set(tenant, Math.max(mostAtOnce.get(tenant) ?? 0, count))
    requests++
    response.once('close', () => present.set(tenant, present.get(tenant)! - 1))
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const fault = faults.take(tenant)
    const delayMs = fault?.delayMs ?? roundTripMs
    if (delayMs > 0) await wait(delayMs, undefined, { ref: false })
    const readings = readBody(Buffer.concat(chunks))
    const isTooBig = readings.length > (mostSeries.get(tenant) ?? Number.POSITIVE_INFINITY)
    const status = fault?.status ?? (isTooBig ? 413 : 200)
    const isTaken = fault?.store ?? (status < 300 && fault?.hang !== true && fault?.reset !== true)
    if (isTaken) book.take(tenant, readings)
    if (fault?.hang === true) return
    if (fault?.reset === true) return void request.socket.resetAndDestroy()
    const more = fault?.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
    response.writeHead(status, more).end(fault?.body)
  }
  const makeDoor = async (): Promise<Door> => {
    const door = new ServerDoor((request, response) => {
      receive(request, response).catch((error: unknown) => {
        // A request that is cut is no fault of what it carries.
        if (request.complete) book.faults.push(String(error))
        response.destroy()
      })
    })
    await door.open()
    onTestFinished(() => door.shut())
    return door
  }
  const own = await makeDoor()
  return {
    url: own.url,
    open: () => own.open(),
    shut: () => own.shut(),
    limitSeries: (tenant, most) => void mostSeries.set(tenant, most),
    addDoor: makeDoor,
    setFault: (tenants, fault) => {
      for (const tenant of tenants) faults.set(tenant, fault)
    },
    get requests() {
      return requests
    },
    mostAtOnce,
  }
}

/** What is not answered when a door is shut may still be for so long. */
const graceMs = 500

class ServerDoor implements Door {
  readonly #receive: (request: IncomingMessage, response: ServerResponse) => void
  readonly #present = new Set<ServerResponse>()
  #server: Server | undefined
  #port = 0

  constructor(receive: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#receive = receive
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/api/v1/push`
  }

  async open(): Promise<void> {
    if (this.#server !== undefined) return
    const server = createServer({ keepAliveTimeout: 3000 }, (request, response) => {
      this.#present.add(response.once('close', () => this.#present.delete(response)))
      this.#receive(request, response)
    }).listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async shut(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    for (const response of this.#present) response.shouldKeepAlive = false
    server.close()
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    await once(server, 'close')
    clearTimeout(cut)
  }
}
