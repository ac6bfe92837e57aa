// The one logger: JSON lines on standard error. Its level may change while the program runs, for children too;
// every text, URL, header and error that it writes passes through redact.ts.

import { type BaseLogger, pino } from 'pino'
import { SluiceError } from '../errors.ts'
import { redactHeaders, redactText } from './redact.ts'

/** Rising in gravity. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LogLevel = (typeof logLevels)[number]

/** `err` and `headers` are written in a form of their own, texts and URLs without secrets; `level`, `time` and `msg` are the line's own. */
export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  trace(msg: string, fields?: LogFields): void
  debug(msg: string, fields?: LogFields): void
  info(msg: string, fields?: LogFields): void
  warn(msg: string, fields?: LogFields): void
  error(msg: string, fields?: LogFields): void
  fatal(msg: string, fields?: LogFields): void
  /** A logger whose lines carry these fields as well. It follows later changes of the level. */
  child(fields: LogFields): Log
  isEnabled(level: LogLevel): boolean
}

export interface RootLog extends Log {
  /** Takes effect at once, for children too. Throws as `parseLogLevel` does. */
  setLevel(name: string): void
}

export interface LogOptions {
  /** A name that `parseLogLevel` takes; default `warn`, as cortex-tenant's. */
  readonly level?: string
  /** Takes each line, its newline included; default: standard error, synchronously, so that nothing is lost at exit. */
  readonly write?: (line: string) => void
}

/**
 * Reads a level as cortex-tenant's logrus does: panic, fatal, error, warn, warning, info, debug, trace, in any
 * case. `panic` is `fatal` here. Throws SluiceError CONFIG_INVALID.
 */
export function parseLogLevel(name: string): LogLevel {
  const lower = name.toLowerCase()
  if (lower === 'panic') return 'fatal'
  if (lower === 'warning') return 'warn'
  const level = logLevels.find((known) => known === lower)
  if (level !== undefined) return level
  throw new SluiceError(
    'CONFIG_INVALID',
    `log_level "${name}" is not known: use panic, fatal, error, warn, info, debug or trace`,
  )
}

export function createLogger(options: LogOptions = {}): RootLog {
  const state = { gravity: gravityOf(options.level ?? 'warn') }
  const { write } = options
  const lines = pino(
    {
      // Children of a pino logger keep the level they were made with, so the level is judged here.
      level: 'trace',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: shownError, headers: shownHeaders },
    },
    write === undefined ? pino.destination({ fd: 2, sync: true }) : { write },
  )
  return Object.assign(wrap(lines, state), {
    setLevel(name: string): void {
      state.gravity = gravityOf(name)
    },
  })
}

interface Lines extends Pick<BaseLogger, LogLevel> {
  child(fields: LogFields): Lines
}

function wrap(lines: Lines, state: { readonly gravity: number }): Log {
  const isEnabled = (level: LogLevel): boolean => logLevels.indexOf(level) >= state.gravity
  const at =
    (level: LogLevel) =>
    (msg: string, fields?: LogFields): void => {
      if (isEnabled(level)) lines[level](shownFields(fields ?? {}), redactText(msg))
    }
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (fields) => wrap(lines.child(shownFields(fields)), state),
    isEnabled,
  }
}

function gravityOf(name: string): number {
  return logLevels.indexOf(parseLogLevel(name))
}

function shownFields(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, shownText(value)]))
}

function shownText(value: unknown): unknown {
  return typeof value === 'string' || value instanceof URL ? redactText(String(value)) : value
}

function shownHeaders(value: unknown): unknown {
  const isRecord = typeof value === 'object' && value !== null
  return isRecord ? redactHeaders(value as Record<string, string>) : value
}

// Own properties of an error are not written: clients hang whole requests, credentials included, on theirs.
function shownError(value: unknown, depth = 0): unknown {
  if (!(value instanceof Error)) return redactText(String(value))
  const code = 'code' in value && typeof value.code === 'string' ? value.code : undefined
  const isDefect = code === undefined || code === 'INTERNAL'
  return {
    type: value.name,
    ...(code === undefined ? {} : { code }),
    message: redactText(value.message),
    ...(isDefect && value.stack !== undefined ? { stack: redactText(value.stack) } : {}),
    ...(value.cause === undefined || depth >= 3 ? {} : { cause: shownError(value.cause, depth + 1) }),
  }
}
