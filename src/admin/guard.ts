// A page in somebody's browser can send a POST to 127.0.0.1. Such requests carry an Origin: only those of the
// listener's own pages may change something, and a name that anyone can point here (DNS rebinding) is not own.

import { isIP } from 'node:net'
import { SluiceError } from '../errors.ts'

/**
 * Throws SluiceError FOREIGN_ORIGIN unless the request has no Origin (it is not a browser's), or one equal to
 * its own Host, which must then be `localhost` or an IP address.
 */
export function refuseForeignOrigin(origin: string | undefined, host: string | undefined): void {
  if (origin === undefined) return
  const name = /^https?:\/\/(.+)$/.exec(origin.toLowerCase())?.[1]
  const own = name !== undefined && name === host?.toLowerCase() && isLocalName(name)
  if (!own) {
    throw new SluiceError(
      'FOREIGN_ORIGIN',
      `requests with the Origin ${JSON.stringify(origin.slice(0, 200))} are refused: leave the header out`,
    )
  }
}

function isLocalName(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  return name === 'localhost' || isIP(name) === 4 || (name.startsWith('[') && isIP(name.slice(1, -1)) === 6)
}
