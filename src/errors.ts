// Every error that Sluice raises: a stable code, the HTTP status it is answered with, and what it means.
// Problems in configuration are values (config/diagnostics.ts), not errors.

// Codes are part of the public interface: never renamed, never reused.
const table = {
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'the path takes another HTTP method' },
  NOT_FOUND: { status: 404, meaning: 'no such path' },
  UNSUPPORTED_CONTENT_TYPE: { status: 415, meaning: 'the Content-Type is not one that this path reads' },
  UNSUPPORTED_CONTENT_ENCODING: { status: 415, meaning: 'the Content-Encoding is not one that this path reads' },
  BODY_TOO_LARGE: { status: 413, meaning: 'the body is longer than receive.max_body_size' },
  DECOMPRESSED_TOO_LARGE: { status: 413, meaning: 'the body unpacks to more than receive.max_decompressed_size' },
  BODY_CORRUPT: { status: 400, meaning: 'the compressed body, or the message in it, is not well formed' },
  BODY_INCOMPLETE: { status: 400, meaning: 'the sender closed the connection before the body was complete' },
  EMPTY_REQUEST: { status: 400, meaning: 'the request carries neither series nor metadata' },
  EMPTY_PUSH: { status: 422, meaning: 'the Loki push carries no stream or no entry' },
  SERIES_REJECTED: { status: 400, meaning: 'at least one series was refused' },
  TOO_MANY_TENANTS: { status: 400, meaning: 'one request names more tenants than tenancy.max_tenants_per_request' },
  OVERLOADED: {
    status: 503,
    meaning: 'one of Sluice’s own limits is reached; the push can be repeated once there is room',
  },
  SHUTTING_DOWN: { status: 503, meaning: 'the program is stopping' },
  RATE_LIMITED: { status: 429, meaning: 'a tenant is over its tenancy.rate_limit; nothing of its part was sent' },
  UPSTREAM_TIMEOUT: { status: 504, meaning: 'upstream did not answer within the time allowed' },
  UPSTREAM_UNREACHABLE: { status: 503, meaning: 'no connection to upstream, or it broke before the answer' },
  UPSTREAM_ANSWER_TOO_LARGE: { status: 503, meaning: 'upstream’s answer is longer than Sluice will hold' },
  CREDENTIALS_UNAVAILABLE: {
    status: 503,
    meaning: 'a secret file or a token that a request needs can’t be had; the request was not sent',
  },
  REDIRECT_REFUSED: { status: 502, meaning: 'upstream redirects to where the request may not follow, or too often' },
  SIGNED_BEFORE_SPLIT: {
    status: 400,
    meaning: 'the request carries a signature over its whole body, which no tenant’s part would have; sign inside',
  },
  PACKAGE_MISSING: { status: 503, meaning: 'a setting needs an optional package that is not installed' },
  STORE_UNAVAILABLE: {
    status: 503,
    meaning: 'the store can’t be written or read now (disk full, read-only or failing); nothing in it is lost by that',
  },
  STORE_IN_USE: { status: 503, meaning: 'another process owns the storage directory' },
  STORE_TOO_NEW: { status: 503, meaning: 'a newer version of Sluice wrote the store; it was left untouched' },
  QUEUE_DISABLED: { status: 409, meaning: 'a request about queues, and there is none: queue.enabled is not set' },
  CONFIG_INVALID: { status: 400, meaning: 'the configuration is wrong; the diagnostics say where' },
  BAD_REQUEST: {
    status: 400,
    meaning: 'a request, or the argument of a call, is not well formed; the text says what is wrong',
  },
  FOREIGN_ORIGIN: {
    status: 403,
    meaning: 'a browser page of another origin asked the admin listener to change something',
  },
  NOT_READY: { status: 503, meaning: 'the program does not take pushes yet, or any more' },
  INTERNAL: { status: 500, meaning: 'a defect in Sluice' },
} as const

export type ErrorCode = keyof typeof table

/** Code → HTTP status and meaning. */
export const errorTable: Readonly<Record<ErrorCode, { readonly status: number; readonly meaning: string }>> = table

const brand: unique symbol = Symbol.for('sluice.error')

export interface SluiceErrorOptions {
  readonly cause?: unknown
  /** Where in the (uncompressed, unless the text says otherwise) body the fault lies, in bytes. */
  readonly offset?: number
  /** Seconds after which a repeat makes sense; whole and positive. */
  readonly retryAfter?: number
}

/** The one error class. `code` is stable; `instanceof` holds across two installed copies. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError'
  readonly code: ErrorCode
  readonly status: number
  readonly offset: number | undefined
  readonly retryAfter: number | undefined
  readonly [brand] = true

  constructor(code: ErrorCode, message: string, options: SluiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = errorTable[code].status
    this.offset = options.offset
    this.retryAfter = options.retryAfter
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value
  }
}
