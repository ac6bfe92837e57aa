// The servers of the redirect table: four names, each on http: and https:, that redirect on demand and write down what
// reached them.

import type { LookupFunction } from 'node:net'
import { createAuthority } from '../support/certificate.ts'
import { loopbackServer, type Received } from './loopback-server.ts'

export interface Arrival {
  /** Which server took it. */
  readonly server: string
  readonly received: Received
}

export interface Upstreams {
  /** PEM of the authority of the https: ones. */
  readonly ca: string
  /** URL of the start, from which a request is led on to the server `to`. */
  startUrl(scheme: string, status: number, to: string): string
  /** What has arrived since the last call, in order. */
  taken(): readonly Arrival[]
}

/** Server → its host name. The first is where requests start. */
const hosts: Readonly<Record<string, string>> = {
  'a.test': 'a.test',
  'a.test:2': 'a.test',
  'sub.a.test': 'sub.a.test',
  'b.test': 'b.test',
}
export const serverNames = Object.keys(hosts)

/** Every name is found on 127.0.0.1. */
export const onLoopback: LookupFunction = (_name, options, done) => {
  if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}

export async function startUpstreams(): Promise<Upstreams> {
  const authority = createAuthority()
  const issued = authority.issue([...new Set(Object.values(hosts))])
  const tls = { cert: issued.certificate, key: issued.key }
  const origins = new Map<string, string>()
  let arrivals: Arrival[] = []
  for (const scheme of ['http', 'https'])
    for (const [server, host] of Object.entries(hosts)) {
      const { port } = await loopbackServer(
        (received) => {
          arrivals.push({ server: `${scheme}://${server}`, received })
          const { searchParams: asked } = new URL(received.target, 'http://ignored/')
          const location = asked.get('location')
          return location === null ? { status: 200 } : { status: Number(asked.get('status')), headers: { location } }
        },
        scheme === 'https' ? tls : undefined,
      )
      origins.set(`${scheme}://${server}`, `${scheme}://${host}:${port}`)
    }
  return {
    ca: authority.certificate,
    startUrl(scheme, status, to) {
      const start = `${scheme}://${serverNames[0]}`
      const location = to === start ? '/end' : `${origins.get(to)}/end`
      return `${origins.get(start)}/start?${new URLSearchParams({ status: String(status), location })}`
    },
    taken() {
      const taken = arrivals
      arrivals = []
      return taken
    },
  }
}
