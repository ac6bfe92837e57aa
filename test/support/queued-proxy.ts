// The proxy with its queue, as tests of the queue start it: short waits, one store that outlives the process, and one
// address for all of its lives, so that senders find it again.

import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { type ProxyProgram, sluice, startProxy } from './sluice.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

export interface QueuedProxyOptions {
  readonly target: string
  /** Where it stores; default a folder that goes with the test. */
  readonly storage?: string
  /** Further flags, of each start. */
  readonly flags?: readonly string[] | (() => readonly string[])
  readonly config?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface QueuedProxy {
  readonly storage: string
  readonly pushUrl: string
  /** The process of now. */
  readonly program: ProxyProgram
  /** Kills it at once. */
  kill(): Promise<void>
  /** Starts it again on the same address and storage. */
  start(): Promise<ProxyProgram>
  /** A tenant's next attempt is made at once, whatever upstream asked to wait for. */
  hurry(tenant: string): Promise<void>
  /** Starts it again and kills it so long after; returns when, by `performance.now()`. */
  startInVain(afterMs: number): Promise<number>
  /** Resolves when nothing is stored. */
  drained(timeoutMs?: number): Promise<void>
}

/** Starts it and waits until it takes pushes. */
export async function startQueued(options: QueuedProxyOptions): Promise<QueuedProxy> {
  const { target, storage = join(temporaryFolder(), 'store'), flags = [], config, env = {} } = options
  const address = `127.0.0.1:${await freePort()}`
  const given = (): string[] => [
    `--target=${target}`,
    `--listen=${address}`,
    '--tenancy.labels=tenant',
    '--tenancy.keep_label=false',
    '--queue',
    `--storage.path=${storage}`,
    '--queue.max_backoff=500ms',
    '--timeout=2s',
    ...(typeof flags === 'function' ? flags() : flags),
  ]
  const start = (): Promise<ProxyProgram> =>
    startProxy({ ...(config !== undefined && { config }), flags: given(), env })
  let program = await start()
  return {
    storage,
    pushUrl: `http://${address}/api/v1/push`,
    get program() {
      return program
    },
    async kill() {
      program.signal('SIGKILL')
      await program.ended
    },
    async start() {
      program = await start()
      return program
    },
    async startInVain(afterMs) {
      const doomed = sluice([
        'proxy',
        ...given(),
        '--listen_metrics_address=127.0.0.1:0',
        '--server.http.listen_addr=127.0.0.1:0',
      ])
      await wait(afterMs)
      const at = performance.now()
      doomed.signal('SIGKILL')
      await doomed.ended
      return at
    },
    async hurry(tenant) {
      const body = JSON.stringify({ tenant, wait_seconds: 0, hurry: true })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${program.adminUrl}/api/v1/queue/drain`, { method: 'POST', body, headers })
      if (!answer.ok) throw new Error(`drain: ${answer.status} ${await answer.text()}`)
    },
    drained: async (timeoutMs = 30_000) => {
      await until(async () => (await program.metric('sluice_store_batches')) === 0, {
        what: 'nothing is stored any more',
        timeoutMs,
        seen: () => program.stderr.slice(-5),
      })
    },
  }
}
