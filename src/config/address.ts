// Listen addresses in Go's form, host:port.

export interface Address {
  /** '' listens on every interface; IPv6 addresses are without their brackets. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

/** `127.0.0.1:8080`, `:8080`, `[::1]:8080`, `localhost:8080`; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.]+)?)\]|([^\s:[\]/@]*)):(\d{1,5})$/.exec(text)
  if (match === null) return undefined
  const port = Number(match[3])
  return port > 65_535 ? undefined : { host: match[1] ?? match[2] ?? '', port }
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** host:port, as `parseAddress` takes it. */
export const addressText = ({ host, port }: Address): string => `${bracketed(host)}:${port}`

/** host:port that a program on this machine can connect to: every interface is the loopback one. */
export function reachableText({ host, port }: Address): string {
  if (host === '' || host === '0.0.0.0') return `127.0.0.1:${port}`
  return addressText({ host: host === '::' ? '::1' : host, port })
}

/** Why the system refused to listen on an address, and what to do. */
export function listenProblem(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'the address is taken by another program; stop it or set another address'
  if (error.code === 'EACCES') return 'listening there is not allowed; ports below 1024 need a privilege'
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') return 'this machine has no such address'
  return error.message
}
