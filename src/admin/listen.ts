// Opens the admin listener. Two Sluices on one machine are usual: the default address being taken is no reason
// not to start, an address that somebody chose is.

import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { SluiceError } from '../errors.ts'
import { openListener, type SmallListener } from '../telemetry/listen.ts'
import type { Log } from '../telemetry/log.ts'

export interface AdminOptions {
  /** `server.http.listen_addr`, host:port. */
  readonly address: string
  /** Somebody set the address; false: it is the default. */
  readonly explicitlySet: boolean
  readonly app: Hono
  readonly log: Pick<Log, 'warn'>
}

/** undefined where the default address is taken: one line is logged. Rejects as `openListener` does otherwise. */
export async function startAdmin(options: AdminOptions): Promise<SmallListener | undefined> {
  try {
    return await openListener({
      address: options.address,
      setting: 'server.http.listen_addr',
      // The adapter would put its own Request and Response over the process' global ones.
      handler: getRequestListener(options.app.fetch, { overrideGlobalObjects: false }),
    })
  } catch (error) {
    if (options.explicitlySet || !isTaken(error)) throw error
    options.log.warn(`the admin listener is off: ${options.address} is taken; set server.http.listen_addr to have one`)
    return undefined
  }
}

function isTaken(error: unknown): boolean {
  const cause = error instanceof SluiceError ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
}
