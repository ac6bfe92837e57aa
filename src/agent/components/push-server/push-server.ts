// A component's listener through its life: where it listens may change while pushes come, and what it does with them
// changes without it. A new address is listened on before the old one is left; the same one can't be, so there is a
// moment in which connections are refused, and senders try again.

import { listenProblem } from '../../../config/address.ts'
import { SluiceError } from '../../../errors.ts'
import { everyRemoteWrite } from '../../../receive/content.ts'
import { type Listener, startListener } from '../../../receive/listener.ts'
import type { PushHandler } from '../../../receive/push.ts'
import type { Routes } from '../../../receive/routes.ts'
import type { ComponentContext } from '../../graph/component.ts'
import { same } from '../../graph/same-arguments.ts'
import { servicesOf } from '../services.ts'
import { loadTls } from './load-tls.ts'
import { type ServerNames, serverCounters } from './server-counters.ts'
import type { ServerSettings } from './server-settings.ts'

export interface PushServerOptions {
  readonly context: Pick<ComponentContext<never>, 'id' | 'log' | 'meter' | 'services'>
  readonly routes: Routes
  readonly names: ServerNames
}

/** What makes another listener where it changes. */
interface Used {
  readonly settings: Omit<ServerSettings, 'gracefulMs'>
  readonly maxBodySize: number
}

export class PushServer {
  /** What is done with each push that is read from now on. */
  handler: PushHandler
  /** The remote writes that it takes from now on; others are answered 415. */
  accepted = everyRemoteWrite
  readonly #options: PushServerOptions
  readonly #counters: ReturnType<typeof serverCounters>
  #listener: Listener | undefined
  #used: Used | undefined
  #gracefulMs = 0
  /** Listeners that are being closed. */
  readonly #closing = new Set<Promise<unknown>>()
  readonly #hurry = new AbortController()

  /** Listens once `use` was called. */
  constructor(options: PushServerOptions, handler: PushHandler) {
    this.#options = options
    this.handler = handler
    this.#counters = serverCounters(options.context.meter, options.context.id, options.names)
  }

  /** http:// or https:// and an address that a program on this machine can connect to. */
  get url(): string | undefined {
    return this.#listener?.url
  }

  /** Serves by these settings from now on. Rejects with Error where it can't, and goes on by the old ones. */
  async use({ gracefulMs, ...settings }: ServerSettings, maxBodySize: number): Promise<void> {
    const used = { settings, maxBodySize }
    const old = this.#used
    if (old === undefined || this.#listener === undefined) this.#listener = await this.#start(used)
    else if (!same(old, used)) await this.#replace(this.#listener, old, used)
    this.#used = used
    this.#gracefulMs = gracefulMs
  }

  /** No new connections; pushes under way have the graceful time, and no more than `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.#hurry.abort(), deadlineMs)
    if (this.#listener !== undefined) this.#close(this.#listener)
    await Promise.all(this.#closing)
    clearTimeout(timer)
  }

  async #replace(listener: Listener, old: Used, next: Used): Promise<void> {
    if (!isSamePort(old.settings.address, next.settings.address)) {
      this.#listener = await this.#start(next)
      this.#close(listener)
      return
    }
    loadTls(next.settings.tls)
    this.#listener = undefined
    this.#close(listener)
    try {
      this.#listener = await this.#start(next)
    } catch (error) {
      this.#listener = await this.#start(old)
      throw error
    }
  }

  #close(listener: Listener): void {
    const closed = listener.close(this.#gracefulMs, this.#hurry.signal).then(() => void this.#closing.delete(closed))
    this.#closing.add(closed)
  }

  async #start({ settings, maxBodySize }: Used): Promise<Listener> {
    const { context, routes } = this.#options
    const { address, maxConnections, readTimeoutMs, idleTimeoutMs, tls } = settings
    const own = loadTls(tls)
    try {
      const listener = await startListener({
        ...own,
        address,
        routes,
        handler: (push) => this.handler(push),
        accepted: () => this.accepted,
        admission: servicesOf(context).admission,
        ...(maxConnections !== undefined && { maxConnections }),
        maxBodySize,
        timeoutMs: readTimeoutMs,
        idleTimeoutMs,
        log: context.log,
        meter: context.meter,
        counters: this.#counters,
      })
      context.log.info('listening', { url: listener.url })
      return listener
    } catch (error) {
      const cause = error instanceof SluiceError ? error.cause : undefined
      if (!(cause instanceof Error)) throw error
      throw new Error(`it can't listen on ${address}: ${listenProblem(cause)}`, { cause })
    }
  }
}

const isSamePort = (a: string, b: string): boolean => {
  const [one, other] = [a, b].map((address) => address.slice(address.lastIndexOf(':')))
  return one === other && one !== ':0'
}
