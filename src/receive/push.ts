// What a listener hands on and what it gets back: one push as it came over the wire, one answer.
// Everything behind these two values is free of HTTP.

import type { Protocol } from '../wire/codecs.ts'

/** A push whose method, path, content headers and size were found good; nothing of the body was looked at. */
export interface Push {
  readonly kind: 'remote-write' | 'loki'
  /** Without the query string. */
  readonly path: string
  /** Header names are lower-case; repeated headers are joined as node:http does. */
  readonly headers: Readonly<Record<string, string>>
  /** As it came over the wire, still compressed. Nobody else writes to it, so it may be kept. */
  readonly body: Buffer
  /** `ip:port` of the sender's socket (`[ip]:port` for IPv6). */
  readonly client: string
  readonly encoding: 'snappy' | 'gzip' | 'identity'
  readonly format: 'protobuf' | 'json'
  /** The message that its Content-Type announces. */
  readonly protocol: Protocol
  /**
   * Takes `bytes` more of the in-flight budget until the push is answered; false: there is no room, nothing was taken.
   * The body's own bytes are reserved already.
   */
  reserve(bytes: number): boolean
}

/** An answer; `content-length` and `date` are added by the listener, `content-type` is text/plain unless given. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/**
 * Answers a push. A rejection with SluiceError becomes its status and text, any other one 500.
 * Called at most once a push; the sender's going away does not reach it.
 */
export type PushHandler = (push: Push) => Promise<Answer>
