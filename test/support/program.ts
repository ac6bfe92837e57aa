// Programs that a test starts: their output line by line, their end as a promise, and no way to outlive the test.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { until } from './until.ts'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Program {
  readonly pid: number
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  /** Resolves when it has ended and its output has been read whole. Never rejects. */
  readonly ended: Promise<Ended>
  /** undefined while it runs. */
  readonly end: Ended | undefined
  signal(name: NodeJS.Signals): void
  /** The first line of either output that matches, there already or still to come, within 60 s. Rejects if the program ends first. */
  line(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
}

export interface ProgramOptions {
  readonly command: string
  readonly args: readonly string[]
  /** Added to this process' environment, from which everything that configures Sluice is taken out. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Written to its standard input. */
  readonly input?: string
}

/** Starts it; at the end of the test it is killed if it still runs. */
export function startProgram(options: ProgramOptions): Program {
  const child = spawn(options.command, options.args, {
    env: { ...cleanEnvironment(), ...options.env },
    stdio: 'pipe',
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  const program = new Running(child, `${options.command} ${options.args.join(' ')}`)
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  onTestFinished(() => program.kill())
  return program
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CT_|SLUICE_|NODE_OPTIONS$)/.test(name)))
}

// A test run that is ended by force must not leave programs behind.
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

class Running implements Program {
  readonly stdout: string[] = []
  readonly stderr: string[] = []
  readonly ended: Promise<Ended>
  end: Ended | undefined
  readonly #child: ChildProcess
  readonly #name: string

  constructor(child: ChildProcess, name: string) {
    this.#child = child
    this.#name = name
    running.add(child)
    if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => this.stdout.push(line))
    if (child.stderr !== null) createInterface(child.stderr).on('line', (line) => this.stderr.push(line))
    this.ended = new Promise((resolve) => {
      const finish = (end: Ended): void => {
        running.delete(child)
        this.end = end
        resolve(end)
      }
      child.once('error', (error) => {
        this.stderr.push(String(error))
        finish({ code: null, signal: null })
      })
      child.once('close', (code, signal) => finish({ code, signal }))
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  line(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpExecArray> {
    const look = (): RegExpExecArray | undefined => {
      for (const line of [...this.stdout, ...this.stderr]) {
        const found = pattern.exec(line)
        if (found !== null) return found
      }
      return undefined
    }
    const found = until(() => look() ?? (this.end === undefined ? undefined : 'ended'), {
      what: `a line ${pattern} of ${this.#name}`,
      seen: () => [...this.stdout, ...this.stderr].slice(-20),
      timeoutMs,
    })
    return found.then((match) => {
      if (match !== 'ended') return match as RegExpExecArray
      throw new Error(`${this.#name} ended with ${JSON.stringify(this.end)}:\n${this.stderr.join('\n')}`)
    })
  }

  async kill(): Promise<void> {
    if (this.end === undefined) this.#child.kill('SIGKILL')
    await this.ended
  }
}
