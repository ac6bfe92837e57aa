// no_proxy: who is dialled directly though a proxy is set, by the rules of golang.org/x/net/http/httpproxy.

import { BlockList, isIP, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'

/** Whether that host (lower case, no brackets) and port are dialled directly. */
export type NoProxy = (hostname: string, port: number) => boolean

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/**
 * Comma-separated: `*` (everything), addresses, CIDR ranges, names. A name stands for itself and all below it; with
 * `.` or `*.` before it only for what is below. Names and addresses may end in `:port`. What can't be read is skipped.
 * localhost and loopback addresses are always dialled directly.
 */
export function parseNoProxy(text: string): NoProxy {
  const rules = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .map(parseRule)
    .filter((rule) => rule !== undefined)
  return (hostname, port) =>
    hostname === 'localhost' || holds(loopback, hostname) || rules.some((rule) => rule(hostname, port))
}

function parseRule(entry: string): NoProxy | undefined {
  if (entry === '*') return () => true
  const slash = entry.indexOf('/')
  if (slash >= 0) return range(entry.slice(0, slash), entry.slice(slash + 1))
  const { host, port } = splitPort(entry)
  if (host === '') return undefined
  const isPort = (number: number): boolean => port === '' || port === String(number)
  if (isIP(host) === 0) return named(host, isPort)
  const address = new BlockList()
  address.addAddress(host, family(host))
  return (hostname, number) => holds(address, hostname) && isPort(number)
}

function range(address: string, bits: string): NoProxy | undefined {
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (isIPv6(address) ? 128 : 32)) return undefined
  const addresses = new BlockList()
  addresses.addSubnet(address, Number(bits), family(address))
  return (hostname) => holds(addresses, hostname)
}

function named(host: string, isPort: (port: number) => boolean): NoProxy {
  const below = host.startsWith('*.') ? host.slice(1) : host
  const isBelowOnly = below.startsWith('.')
  const plain = isBelowOnly ? below.slice(1) : below
  const name = domainToASCII(plain) || plain
  return (hostname, port) =>
    // The zone of an IPv6 address is chosen by whoever writes the URL and says nothing of where it leads.
    !hostname.includes(':') && (hostname.endsWith(`.${name}`) || (!isBelowOnly && hostname === name)) && isPort(port)
}

/** `[::1]:80`, `host:80`, or no port: IPv6 without brackets has none. */
function splitPort(entry: string): { readonly host: string; readonly port: string } {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(entry)
  return match === null ? { host: entry, port: '' } : { host: match[1] ?? match[2] ?? '', port: match[3]! }
}

const family = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')
const holds = (list: BlockList, hostname: string): boolean =>
  isIP(hostname) !== 0 && !hostname.includes('%') && list.check(hostname, family(hostname))
