// The agent as people start it, with its file, its HTTP server on a free port, and one store for all of its lives.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from './program.ts'
import { readMetric, sluice } from './sluice.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

export interface AgentOptions {
  /** Its file; `configure` changes it later. */
  readonly config: string
  /** Further flags, of each start. */
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface ComponentJson {
  readonly localID: string
  readonly health: { readonly state: string; readonly message: string; readonly updatedTime: string }
  readonly arguments?: readonly object[]
}

export interface Agent {
  /** `http(s)://host:port` of its HTTP server. */
  readonly url: string
  readonly storage: string
  /** The process of now. */
  readonly program: Program
  /** Writes the file anew; it takes effect at a reload. */
  configure(text: string): void
  /** POST /-/reload. */
  reload(): Promise<{ readonly status: number; readonly text: string }>
  get(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly text: string }>
  component(id: string): Promise<ComponentJson>
  /** One metric's value, all series that match the labels together; 0 if there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>
  /** Kills it at once. */
  kill(): Promise<void>
  /** Starts it again with the same file and storage. */
  start(): Promise<void>
  /** Resolves when nothing is stored. */
  drained(timeoutMs?: number): Promise<void>
}

/** Starts it and waits until it is ready. */
export async function startAgent({ config, flags = [], env = {} }: AgentOptions): Promise<Agent> {
  const folder = temporaryFolder()
  const [file, storage] = [join(folder, 'agent.alloy'), join(folder, 'store')]
  writeFileSync(file, config)
  let url = ''
  const start = async (): Promise<Program> => {
    const own = ['--server.http.listen-addr=127.0.0.1:0', `--storage.path=${storage}`]
    const started = sluice(['run', file, ...own, ...flags], { env })
    const [, found = ''] = await started.line(/agent: .* http (\S+)$/)
    url = found
    return started
  }
  let program = await start()
  const get: Agent['get'] = async (path, init) => {
    const response = await fetch(url + path, init)
    return { status: response.status, text: await response.text() }
  }
  return {
    get url() {
      return url
    },
    storage,
    get program() {
      return program
    },
    configure: (text) => writeFileSync(file, text),
    reload: () => get('/-/reload', { method: 'POST' }),
    get,
    component: async (id) => JSON.parse((await get(`/api/v0/web/components/${id}`)).text) as ComponentJson,
    metric: (name, labels = {}) => readMetric(`${url}/metrics`, name, labels),
    async kill() {
      program.signal('SIGKILL')
      await program.ended
    },
    async start() {
      program = await start()
    },
    drained: async (timeoutMs = 30_000) => {
      await until(async () => (await readMetric(`${url}/metrics`, 'sluice_store_batches', {})) === 0, {
        what: 'nothing is stored any more',
        timeoutMs,
        seen: () => program.stderr.slice(-5),
      })
    },
  }
}
