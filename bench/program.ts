// A program under test: how it is started, when it is ready, and how it is ended for certain.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Message, protoOf } from './message.ts'

/** What is filled in where a command says `{listen}`, `{target}` and so on. */
export interface Places {
  /** host:port that the program is to listen on. */
  readonly listen: string
  /** URL that the program is to send to. */
  readonly target: string
  /** Another free host:port, for a listener of metrics, say. */
  readonly spare: string
  /** An empty directory of its own. */
  readonly dir: string
  /** `true` or `false`: whether the tenant label is to be removed. */
  readonly remove: string
  /** The message that it gets: `prometheus.WriteRequest` or `io.prometheus.write.v2.Request`. */
  readonly message: string
}

/** What is asked of a program that is started. */
export interface Asked {
  readonly target: string
  /** The form of what it gets. */
  readonly message: Message
  /** Whether the tenant label is to be removed. */
  readonly remove: boolean
}

export interface Program {
  readonly name: string
  /** A command for the shell, with places such as `{listen}`. */
  readonly command: string
  /** False: passes requests on as they are, under no tenant. */
  readonly splits: boolean
  /** What is said about it: version, build. */
  readonly version: string
  /** It reads remote write 1 alone. */
  readonly only1?: true
  /** Its upstream speaks TLS; `prepare` gets the authority to trust. */
  readonly overTls?: true
  /** Where it takes pushes, if not where the others do. */
  readonly path?: string
  /** Path that answers 200 once it takes pushes, if it takes connections before. */
  readonly ready?: string
  /** Writes what the command needs into `places.dir`. */
  readonly prepare?: (places: Places, authority: string) => void
}

export interface Running {
  readonly program: Program
  readonly pid: number
  readonly port: number
  /** The end of what it printed. */
  readonly printed: () => string
  /** False once it has ended. */
  readonly alive: () => boolean
  /** Ends it and everything that it started. */
  readonly stop: () => Promise<void>
}

const startLimitMs = 15_000
const stopLimitMs = 5_000
/** Process group of each program that runs → its directory. */
const groups = new Map<number, string>()

/** Puts values in place of `{name}`; unknown names stay. */
const fill = (command: string, places: Places): string =>
  command.replace(/\{(\w+)\}/g, (place, name: string) => places[name as keyof Places] ?? place)

/** Starts a program and waits until it takes pushes. Rejects with what it printed if it does not. */
export async function startProgram(
  program: Program,
  { target, message, remove }: Asked,
  authority = '',
): Promise<Running> {
  const [port, spare] = await freePorts(2)
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const [listen, other] = [`127.0.0.1:${port}`, `127.0.0.1:${spare}`]
  const places = { listen, target, spare: other, dir, remove: String(remove), message: protoOf[message] }
  program.prepare?.(places, authority)
  const child = spawn('sh', ['-c', fill(program.command, places)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pid = child.pid
  if (pid === undefined) throw new Error(`${program.name}: no process could be started`)
  groups.set(pid, dir)
  const printed = lastOf(child)
  const alive = (): boolean => child.exitCode === null && child.signalCode === null
  const stop = async (): Promise<void> => {
    const gone = alive() ? new Promise((resolve) => child.once('exit', resolve)) : Promise.resolve()
    kill(pid, 'SIGTERM')
    const timer = setTimeout(() => kill(pid, 'SIGKILL'), stopLimitMs)
    await gone
    clearTimeout(timer)
    kill(pid, 'SIGKILL')
    groups.delete(pid)
    rmSync(dir, { recursive: true, force: true })
  }
  for (const deadline = Date.now() + startLimitMs; !(await takesPushes(program, port!)); await pause(50)) {
    if (alive() && Date.now() < deadline) continue
    await stop()
    const why = Date.now() < deadline ? `ended with ${child.signalCode ?? child.exitCode}` : 'took no connection'
    throw new Error(`${program.name} ${why} within ${startLimitMs / 1000} s of its start; it printed:\n${printed()}`)
  }
  return { program, pid, port: port!, printed, alive, stop }
}

/** Ends, at once, every program that is still running, and clears up after it. */
export function killAll(): void {
  for (const [pid, dir] of groups) {
    kill(pid, 'SIGKILL')
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Resolves after `ms`. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** To the program's whole group: a shell may stand between. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It is gone already.
  }
}

function lastOf(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-4096)
    })
  }
  return () => text.trim()
}

async function takesPushes({ ready }: Program, port: number): Promise<boolean> {
  if (ready === undefined) return accepts(port)
  return fetch(`http://127.0.0.1:${port}${ready}`).then(
    ({ ok }) => ok,
    () => false,
  )
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Ports of 127.0.0.1 that were free a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
