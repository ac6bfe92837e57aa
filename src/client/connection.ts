// What a pool wants of a connection: one request at a time, and the truth about how it ended. Our own HTTP/1.1 and
// undici's fulfil it alike, so that waiting, ages and deadlines are written once, in pool.ts.

import type { HttpRequest, HttpResponse } from '../wire/message.ts'
import type { Target } from './target.ts'

/** How an exchange ended. */
export interface ConnectionOwner {
  /** The answer is there; `connection.isUsable` says whether another request may follow. */
  answered(connection: Connection, answer: HttpResponse): void
  /** There is no answer. The connection is gone. */
  failed(connection: Connection, error: unknown): void
  /** The connection is gone; it was idle. */
  closed(connection: Connection): void
}

export interface Connection {
  /** The connection is made; before, a request waits for it. */
  readonly isConnected: boolean
  readonly isUsable: boolean
  /** How long upstream keeps it when idle, by its own word, in ms. */
  readonly idleLimitMs: number
  /** Sends; the outcome comes through the owner, exactly once, never before `send` returns. */
  send(target: Target, request: HttpRequest): void
  /**
   * Ends the exchange under way and the connection; the owner hears nothing more. Returns the answer as far as it
   * came, if its head was whole: a status that arrived is an answer even if its text did not.
   */
  cut(): HttpResponse | undefined
}
