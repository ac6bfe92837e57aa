// The built-in fetch of Node 22 and 24 hands a dispatcher of undici 8 a handler of the older kind, which undici 8
// itself refuses. A push is answered here and not by undici, so it can be answered to such a handler as well.

import type { IncomingHttpHeaders } from 'node:http'
import type { DispatchController, DispatchHandler } from './dispatch.ts'

interface LegacyHandler {
  onConnect?(abort: (reason?: Error) => void, context: unknown): void
  onHeaders?(status: number, rawHeaders: Buffer[], resume: () => void, statusMessage: string): boolean
  onData?(chunk: Buffer): boolean
  onComplete?(rawTrailers: Buffer[]): void
  onError?(error: Error): void
}

/** The handler itself if it is of the kind used since undici 7. */
export function modernHandler(handler: DispatchHandler): DispatchHandler {
  return handler.onRequestStart === undefined ? new LegacyAdapter(handler as LegacyHandler) : handler
}

class LegacyAdapter implements DispatchHandler {
  readonly #old: LegacyHandler

  constructor(old: LegacyHandler) {
    this.#old = old
  }

  onRequestStart(controller: DispatchController, context: unknown): void {
    this.#old.onConnect?.((reason) => controller.abort(reason as Error), context)
  }

  onResponseStart(
    controller: DispatchController,
    status: number,
    _headers: IncomingHttpHeaders,
    statusMessage = '',
  ): void {
    const resume = (): void => controller.resume()
    if (this.#old.onHeaders?.(status, controller.rawHeaders as Buffer[], resume, statusMessage) === false)
      controller.pause()
  }

  onResponseData(controller: DispatchController, chunk: Buffer): void {
    if (this.#old.onData?.(chunk) === false) controller.pause()
  }

  onResponseEnd(): void {
    this.#old.onComplete?.([])
  }

  onResponseError(_controller: DispatchController | null, error: Error): void {
    this.#old.onError?.(error)
  }
}
