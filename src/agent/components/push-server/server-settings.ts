// What a server of pushes is made from, settled from its rows.

import { addressText, parseAddress } from '../../../config/address.ts'
import type { Decoded, Report } from '../../graph/component.ts'
import { emptyBlock } from '../../graph/decode-block.ts'
import { type ServerTls, settleServerTls } from '../../graph/server-tls.ts'
import { serverRows } from './server-rows.ts'

export interface ServerSettings {
  /** host:port, `:port` on every interface. */
  readonly address: string
  /** undefined: no limit. */
  readonly maxConnections: number | undefined
  readonly readTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly gracefulMs: number
  readonly tls: ServerTls | undefined
}

/** Of a component with `serverRows`; undefined if something was reported. */
export function settleServer(component: Decoded, report: Report): ServerSettings | undefined {
  const http = component.blocks.get('http')?.[0] ?? emptyBlock(serverRows.blocks.http.schema, component.span)
  const value = <T>(name: string): T => http.values.get(name) as T
  const [host, port] = [value<string>('listen_address'), value<number>('listen_port')]
  const address = addressText({ host, port })
  const isAddress = parseAddress(address) !== undefined
  if (!isAddress) {
    const hint = 'write an address or host name without port, such as 127.0.0.1; "" is every interface'
    report('error', http.spans.get('listen_address') ?? http.span, `"${host}" is no address to listen on`, hint)
  }
  const block = http.blocks.get('tls')?.[0]
  const tls = block && settleServerTls(block, report)
  if (!isAddress || (block !== undefined && tls === undefined)) return undefined
  return {
    address,
    maxConnections: value<number>('conn_limit') || undefined,
    readTimeoutMs: value('server_read_timeout'),
    idleTimeoutMs: value('server_idle_timeout'),
    gracefulMs: component.values.get('graceful_shutdown_timeout') as number,
    tls,
  }
}
