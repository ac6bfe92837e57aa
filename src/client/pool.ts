// The connections to one origin: at most so many, one request on each at a time, the others wait in order. Here are
// written, once for every kind of connection, the request's deadline and the connection's age.

import { SluiceError } from '../errors.ts'
import type { HttpRequest, HttpResponse } from '../wire/message.ts'
import type { Connection, ConnectionOwner } from './connection.ts'
import { failure, timeout } from './failure.ts'
import type { Target } from './target.ts'
import { Waiting } from './waiting.ts'

export interface PoolOptions {
  readonly open: (target: Target, owner: ConnectionOwner) => Connection
  readonly maxConnections: number
  /** A connection older than this carries no further request; 0: no limit. */
  readonly maxAgeMs: number
  /** A connection unused for this long is closed. */
  readonly idleTimeoutMs: number
  /** Time in ms that never goes back. */
  readonly now: () => number
}

interface Held {
  readonly openedAt: number
  /** How often the pool had been renewed by then. */
  readonly renewals: number
  /** Undefined while a request is on it. */
  idleSince: number | undefined
  exchange: Exchange | undefined
}

export class Pool implements ConnectionOwner {
  readonly #options: PoolOptions
  readonly #all = new Map<Connection, Held>()
  /** Last used last: the others grow old and are closed. */
  readonly #idle: Connection[] = []
  readonly #waiting = new Waiting<Exchange>()
  #sweep: NodeJS.Timeout | undefined
  #isClosed = false
  #renewals = 0
  #emptied: (() => void) | undefined
  /** Connections opened since the start. */
  opened = 0

  constructor(options: PoolOptions) {
    this.#options = options
  }

  get connections(): number {
    return this.#all.size
  }

  get idle(): number {
    return this.#idle.length
  }

  get waiting(): number {
    return this.#waiting.size
  }

  send(target: Target, request: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) reject(new SluiceError('SHUTTING_DOWN', 'the connections to upstream are closed'))
      else if (request.signal?.aborted === true) reject(request.signal.reason)
      else this.#start(new Exchange(this, target, request, resolve, reject))
    })
  }

  /** From now on every request goes out on a connection opened from now on; those under way finish where they are. */
  renew(): void {
    this.#renewals++
    for (const connection of this.#idle.splice(0)) this.#drop(connection)
    this.#checkEmpty()
  }

  /** Ends idle connections, refuses new requests, and resolves when those under way are done. */
  close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#sweep)
    for (const connection of this.#idle.splice(0)) this.#drop(connection)
    return new Promise((resolve) => {
      this.#emptied = resolve
      this.#checkEmpty()
    })
  }

  /** Ends everything now; requests under way reject. */
  destroy(): void {
    this.#isClosed = true
    clearTimeout(this.#sweep)
    const reason = new SluiceError('SHUTTING_DOWN', 'the connections to upstream were closed')
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next.reject(reason)
    for (const held of this.#all.values()) held.exchange?.reject(reason)
    for (const connection of [...this.#all.keys()]) this.#drop(connection)
    this.#idle.length = 0
    this.#checkEmpty()
  }

  answered(connection: Connection, answer: HttpResponse): void {
    const exchange = this.#release(connection)
    exchange?.resolve(answer)
    this.#next(connection)
  }

  failed(connection: Connection, error: unknown): void {
    const exchange = this.#release(connection)
    exchange?.reject(failure(error, exchange.target.shown))
    this.#next(connection)
  }

  closed(connection: Connection): void {
    const at = this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
    this.#next(connection)
  }

  /** The exchange's time is over, or its caller gave up: what has come of an answer counts. */
  cut(exchange: Exchange, reason: unknown): void {
    const { connection } = exchange
    if (connection === undefined) {
      this.#waiting.remove(exchange)
      exchange.reject(reason)
      this.#checkEmpty()
      return
    }
    this.#release(connection)
    const answer = connection.cut()
    if (answer === undefined) exchange.reject(reason)
    else exchange.resolve(answer)
    this.#next(connection)
  }

  #start(exchange: Exchange): void {
    const connection = this.#idleOne() ?? this.#openOne(exchange.target)
    if (connection === undefined) this.#waiting.push(exchange)
    else this.#run(connection, exchange)
  }

  #run(connection: Connection, exchange: Exchange): void {
    const held = this.#all.get(connection)!
    held.exchange = exchange
    held.idleSince = undefined
    exchange.connection = connection
    connection.send(exchange.target, exchange.request)
  }

  #idleOne(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (this.#mayStay(connection)) return connection
      this.#drop(connection)
    }
    return undefined
  }

  #openOne(target: Target): Connection | undefined {
    const { maxConnections, open, now } = this.#options
    if (this.#all.size >= maxConnections) return undefined
    const connection = open(target, this)
    this.opened++
    this.#all.set(connection, {
      openedAt: now(),
      renewals: this.#renewals,
      idleSince: undefined,
      exchange: undefined,
    })
    return connection
  }

  /** Takes the exchange off its connection. */
  #release(connection: Connection): Exchange | undefined {
    const held = this.#all.get(connection)
    const exchange = held?.exchange
    if (held !== undefined) held.exchange = undefined
    if (exchange !== undefined) exchange.connection = undefined
    return exchange
  }

  /** After an exchange: the connection, or the room it leaves, goes to the first that waits. */
  #next(connection: Connection): void {
    const stays = this.#mayStay(connection)
    if (!stays) this.#drop(connection)
    const exchange = this.#waiting.shift()
    if (exchange !== undefined) {
      if (stays) this.#run(connection, exchange)
      else this.#start(exchange)
    } else if (stays) this.#rest(connection)
    this.#checkEmpty()
  }

  #mayStay(connection: Connection): boolean {
    const held = this.#all.get(connection)
    if (held === undefined || held.renewals !== this.#renewals || !connection.isUsable) return false
    const { maxAgeMs, idleTimeoutMs, now } = this.#options
    if (maxAgeMs > 0 && now() - held.openedAt >= maxAgeMs) return false
    return held.idleSince === undefined || now() - held.idleSince < Math.min(idleTimeoutMs, connection.idleLimitMs)
  }

  #rest(connection: Connection): void {
    if (this.#isClosed || connection.idleLimitMs <= 0) {
      this.#drop(connection)
      return
    }
    this.#all.get(connection)!.idleSince = this.#options.now()
    this.#idle.push(connection)
    this.#armSweep()
  }

  #drop(connection: Connection): void {
    this.#all.delete(connection)
    connection.cut()
  }

  #armSweep(): void {
    if (this.#sweep !== undefined || this.#idle.length === 0) return
    const pause = Math.min(this.#options.idleTimeoutMs, 1000)
    this.#sweep = setTimeout(() => {
      this.#sweep = undefined
      for (const connection of this.#idle.filter((one) => !this.#mayStay(one))) {
        this.#idle.splice(this.#idle.indexOf(connection), 1)
        this.#drop(connection)
      }
      this.#armSweep()
    }, pause).unref()
  }

  #checkEmpty(): void {
    if (this.#all.size === 0 && this.#waiting.size === 0) this.#emptied?.()
  }
}

/** A request on its way, and how its sender is told. */
class Exchange {
  readonly target: Target
  readonly request: HttpRequest
  readonly #pool: Pool
  readonly #resolve: (answer: HttpResponse) => void
  readonly #reject: (reason: unknown) => void
  #timer: NodeJS.Timeout | undefined
  #abort: (() => void) | undefined
  connection: Connection | undefined

  constructor(
    pool: Pool,
    target: Target,
    request: HttpRequest,
    resolve: (answer: HttpResponse) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#pool = pool
    this.target = target
    this.request = request
    this.#resolve = resolve
    this.#reject = reject
    const { timeoutMs, signal } = request
    if (timeoutMs !== undefined) this.#timer = setTimeout(expire, coarse(timeoutMs), this)
    if (signal !== undefined) {
      this.#abort = () => this.#pool.cut(this, signal.reason)
      signal.addEventListener('abort', this.#abort, { once: true })
    }
  }

  resolve(answer: HttpResponse): void {
    this.#done()
    this.#resolve(answer)
  }

  reject(reason: unknown): void {
    this.#done()
    this.#reject(reason)
  }

  #done(): void {
    clearTimeout(this.#timer)
    if (this.#abort !== undefined) this.request.signal?.removeEventListener('abort', this.#abort)
  }

  /** Its time is over. */
  expire(): void {
    const stage = this.connection === undefined ? 'queue' : this.connection.isConnected ? 'answer' : 'connect'
    this.#pool.cut(this, timeout(this.target.shown, this.request.timeoutMs!, stage))
  }
}

const expire = (exchange: Exchange): void => exchange.expire()

// Every request has another time left; rounded up, they share a few of Node's timer lists.
const coarse = (ms: number): number => (ms < 500 ? Math.ceil(ms) : Math.ceil(ms / 50) * 50)
