// The library as a link of a chain: what stands after it sends, signs or authorises each tenant's part by itself.

import type { Link } from '../client/chain.ts'
import type { Send } from '../wire/message.ts'
import { createEngine } from './engine.ts'
import { readTenantOptions, type TenantOptions } from './tenant-options.ts'

/**
 * A link that splits remote write and Loki pushes by tenant and merges the answers; any other request passes as it is.
 * Links before it see whole pushes, links after it the parts, of which at most 64 are in flight to a URL.
 * Throws SluiceError CONFIG_INVALID with all that is wrong with the options.
 */
export function tenantLink(options: TenantOptions = {}): Link {
  const settings = readTenantOptions(options)
  // An engine for each chain: a push of one must not count as a repeat of another's.
  const wrap = function tenantLink(next: Send): Send {
    const engine = createEngine(settings)
    return (request) => engine.push(request, next)
  }
  return Object.assign(wrap, { splitsBody: true as const })
}
