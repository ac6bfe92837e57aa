// The limits of the library's client: what Prometheus has as constants, or leaves to whoever uses its client.

import { headerValueProblem } from '../header-rules.ts'
import { invalidOptions } from '../invalid-options.ts'
import { type OptionProblem, optionTable, readOptions } from '../read-options.ts'
import { maxTimerMs, type SettingSpec } from '../setting-spec.ts'

export interface ConnectionOptions {
  /**
   * The whole time of a request that brings no `timeoutMs`, connection and redirects included: milliseconds or a text
   * such as `30s`, up to 24 days; default 30 s; 0: no limit. Of what a caller's link makes of a request, each has it.
   */
  readonly remoteTimeout?: number | string | undefined
  /** Of requests that have none; default `Sluice/VERSION`. */
  readonly userAgent?: string | undefined
  /** Connections to one origin, each with one request at a time, 1 to 65535; default 64. Further requests wait. */
  readonly maxConnections?: number | undefined
  /** A connection unused for this long is closed: milliseconds or a text, from 1 ms; default 10 s. */
  readonly idleTimeout?: number | string | undefined
  /** A connection older than this is closed after its request: milliseconds or a text; default 0: no limit. */
  readonly maxConnectionAge?: number | string | undefined
  /** Bytes of an answer's body that are kept, as a number or a text such as `1MiB`; default 64 KiB. The rest is read and dropped. */
  readonly maxAnswerSize?: number | string | undefined
}

export interface ConnectionSettings {
  readonly remoteTimeoutMs: number
  readonly userAgent: string | undefined
  readonly maxConnections: number
  readonly idleTimeoutMs: number
  readonly maxConnectionAgeMs: number
  readonly maxAnswerSize: number
}

const duration = { type: 'duration', min: 0, max: maxTimerMs } as const

const fields = {
  remote_timeout: { ...duration, default: 30_000, doc: 'The whole time of a request.' },
  user_agent: { type: 'string', doc: 'User-Agent of requests that have none.' },
  max_connections: { type: 'integer', min: 1, max: 65_535, default: 64, doc: 'Connections to one origin.' },
  idle_timeout: { ...duration, min: 1, default: 10_000, doc: 'How long a connection may stay unused.' },
  max_connection_age: { ...duration, default: 0, doc: 'The longest life of a connection.' },
  max_answer_size: { type: 'size', min: 0, max: 2 ** 30, default: 2 ** 16, doc: 'Bytes kept of an answer.' },
} as const satisfies Record<string, SettingSpec>

const table = optionTable(fields)

/** Throws SluiceError CONFIG_INVALID with all problems in its text. */
export function readConnectionOptions(options: ConnectionOptions): ConnectionSettings {
  const problems: OptionProblem[] = []
  const { values } = readOptions(table, options, problems)
  const userAgent = values.get('user_agent') as string | undefined
  const problem = userAgent === undefined ? undefined : headerValueProblem(userAgent)
  if (problem !== undefined) problems.push({ name: 'userAgent', message: problem })
  if (problems.length > 0) throw invalidOptions(problems)
  const number = (name: keyof typeof fields & `${string}`): number => {
    const { default: fallback } = fields[name] as { readonly default: number }
    return (values.get(name) as number | undefined) ?? fallback
  }
  return {
    remoteTimeoutMs: number('remote_timeout'),
    userAgent,
    maxConnections: number('max_connections'),
    idleTimeoutMs: number('idle_timeout'),
    maxConnectionAgeMs: number('max_connection_age'),
    maxAnswerSize: number('max_answer_size'),
  }
}
