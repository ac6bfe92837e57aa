// A component's listener through its life: where it listens may change while pushes come, and what it does with them
// changes without it. A new address is listened on before the old one is left; the same one can't be, nor one that
// another component has, so there is a moment in which connections are refused, and senders try again.

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
import type { PortHolder, Ports } from './ports.ts'
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
  /** What the program knows of `#listener`. */
  #holder: PortHolder | undefined
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

  /**
   * Serves by these settings from now on; a port that another component has is taken from it, until it wants it back.
   * Rejects with Error where it can't, and goes on by the old ones.
   */
  use({ gracefulMs, ...settings }: ServerSettings, maxBodySize: number): Promise<void> {
    return this.#ports.inTurn(async () => {
      const used = { settings, maxBodySize }
      const old = this.#used
      if (old === undefined || this.#listener === undefined) await this.#take(used)
      else if (!same(old, used)) await this.#replace(old, used)
      this.#used = used
      this.#gracefulMs = gracefulMs
    })
  }

  /** Listens again where another component took its port. Rejects with Error where that one still has it. */
  resume(): Promise<void> {
    return this.#ports.inTurn(async () => {
      if (this.#used !== undefined && this.#listener === undefined) await this.#start(this.#used)
    })
  }

  /** No new connections; pushes under way have the graceful time, and no more than `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.#hurry.abort(), deadlineMs)
    this.#close()
    await Promise.all(this.#closing)
    clearTimeout(timer)
  }

  get #ports(): Ports {
    return servicesOf(this.#options.context).ports
  }

  async #replace(old: Used, next: Used): Promise<void> {
    if (!isSamePort(old.settings.address, next.settings.address)) {
      const [listener, holder] = [this.#listener, this.#holder]
      await this.#take(next)
      this.#close(listener, holder)
      return
    }
    loadTls(next.settings.tls)
    this.#close()
    try {
      await this.#start(next)
    } catch (error) {
      await this.#start(old)
      throw error
    }
  }

  /** Stops to listen, where it does. */
  #close(listener = this.#listener, holder = this.#holder): void {
    if (listener === undefined || holder === undefined) return
    if (listener === this.#listener) this.#listener = undefined
    this.#ports.delete(holder)
    const closed = listener.close(this.#gracefulMs, this.#hurry.signal).then(() => void this.#closing.delete(closed))
    this.#closing.add(closed)
  }

  /** Listens, where need be in place of other components. */
  async #take(used: Used): Promise<void> {
    const others = this.#ports.of(used.settings.address).filter(({ id }) => id !== this.#options.context.id)
    try {
      await this.#start(used)
    } catch (error) {
      if (others.length === 0) throw error
      for (const other of others) other.giveUp()
      await this.#start(used)
    }
  }

  async #start({ settings, maxBodySize }: Used): Promise<void> {
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
      const holder = { id: context.id, address, giveUp: () => this.#close(listener, holder) }
      this.#listener = listener
      this.#holder = holder
      this.#ports.add(holder)
    } catch (error) {
      const cause = error instanceof SluiceError ? error.cause : undefined
      if (!(cause instanceof Error)) throw error
      const [other] = this.#ports.of(address)
      const why = other === undefined ? listenProblem(cause) : `${other.id} listens there`
      throw new Error(`it can't listen on ${address}: ${why}`, { cause })
    }
  }
}

const isSamePort = (a: string, b: string): boolean => {
  const [one, other] = [a, b].map((address) => address.slice(address.lastIndexOf(':')))
  return one === other && one !== ':0'
}
