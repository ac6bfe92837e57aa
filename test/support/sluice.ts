// The built program, started as people start it.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Program, startProgram } from './program.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs `sluice ARGS…` under this test's Node. Throws where the program was not built. */
export function sluice(args: readonly string[], options: SluiceOptions = {}): Program {
  if (!existsSync(join(root, 'dist/cli/main.js'))) throw new Error('dist/ is missing: run "npm run build" first')
  return startProgram({ ...options, command: process.execPath, args: [join(root, 'bin/sluice.js'), ...args] })
}

interface SluiceOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs it to its end. */
export async function runSluice(args: readonly string[], options?: SluiceOptions): Promise<Finished> {
  const program = sluice(args, options)
  const { code } = await program.ended
  return { code, stdout: text(program.stdout), stderr: text(program.stderr) }
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

export interface ProxyOptions {
  /** A configuration file's text. It can be changed later with `configure`. */
  readonly config?: string
  /** Further flags. Listeners are on free ports unless one of these says otherwise. */
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Leaves the admin listener at its default address. */
  readonly withDefaultAdmin?: boolean
}

export interface ProxyProgram extends Program {
  /** `http(s)://host:port` of the push listener. */
  readonly url: string
  readonly pushUrl: string
  readonly lokiUrl: string
  readonly metricsUrl: string
  /** Without a path; `off` where it is not open. */
  readonly adminUrl: string
  /** Writes the configuration file anew; it takes effect at a reload. */
  configure(text: string): void
  /** One metric's value, all series that match the labels together; 0 if there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>
  /** Log lines, as objects. */
  logged(): Record<string, unknown>[]
}

const listeners = ['--listen', '--listen_metrics_address', '--server.http.listen_addr'] as const

/** Starts `sluice proxy` and waits until it says where it listens. */
export async function startProxy(options: ProxyOptions): Promise<ProxyProgram> {
  const { config, flags = [], env = {}, withDefaultAdmin = false } = options
  const file = join(temporaryFolder(), 'sluice.yml')
  if (config !== undefined) writeFileSync(file, config)
  const free = listeners.filter((name) => {
    if (name === '--server.http.listen_addr' && withDefaultAdmin) return false
    return !flags.some((flag) => flag.startsWith(`${name}=`))
  })
  const program = sluice(
    ['proxy', ...(config === undefined ? [] : ['--config', file]), ...free.map(onFreePort), ...flags],
    { env },
  )
  const [, url = '', metricsUrl = '', adminUrl = ''] = await program.line(/pushes (\S+) +metrics (\S+) +admin (\S+)$/)
  return Object.assign(program, {
    url,
    pushUrl: `${url}/api/v1/push`,
    lokiUrl: `${url}/loki/api/v1/push`,
    metricsUrl,
    adminUrl,
    configure: (next: string) => writeFileSync(file, next),
    metric: (name: string, labels: Readonly<Record<string, string>> = {}) => readMetric(metricsUrl, name, labels),
    logged: () => program.stderr.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)),
  })
}

const onFreePort = (flag: string): string => `${flag}=127.0.0.1:0`

/** Of a page of metrics: all series of the name that match the labels together; 0 if there is none. */
export async function readMetric(url: string, name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const lines = (await (await fetch(url)).text()).split('\n')
  const wanted = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  let sum = 0
  for (const line of lines) {
    const [, found, set = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (found === name && wanted.every((pair) => set.includes(pair))) sum += Number(value)
  }
  return sum
}
