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
