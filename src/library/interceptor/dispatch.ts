// The part of undici's dispatcher interface that is used here, described by its shape: undici 7 and undici 8 both have
// it, and neither is imported, so that the caller's own copy works whatever its version.

import type { IncomingHttpHeaders } from 'node:http'

/** What a handler steers its request with. */
export interface DispatchController {
  readonly aborted: boolean
  readonly paused: boolean
  readonly reason: Error | null
  /** Name, value, name, value, … */
  rawHeaders?: unknown
  rawTrailers?: unknown
  abort(reason: Error): void
  pause(): void
  resume(): void
}

/** What hears of a request, from its start to exactly one of `onResponseEnd` and `onResponseError`. */
export interface DispatchHandler {
  onRequestStart?(controller: DispatchController, context: unknown): void
  /** Called for interim answers (1xx) too. */
  onResponseStart?(
    controller: DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void
  onResponseData?(controller: DispatchController, chunk: Buffer): void
  onResponseEnd?(controller: DispatchController, trailers: IncomingHttpHeaders): void
  /** undici 8 calls it without a controller if the request never began. */
  onResponseError?(controller: DispatchController | null, error: Error): void
}

export interface DispatchOptions {
  readonly origin?: string | URL | undefined
  readonly path: string
  readonly method: string
  readonly query?: unknown
  readonly headers?: unknown
  readonly body?: unknown
  readonly upgrade?: unknown
}

export type Dispatch = (options: DispatchOptions, handler: DispatchHandler) => boolean
