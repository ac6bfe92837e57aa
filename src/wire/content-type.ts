// Reads a Content-Type (RFC 9110, 8.3): what remote write is told apart by. Spaces and letters' case are taken as they
// come: Prometheus' receiver reads `; proto=` with a space before it as 1.0, and data would be lost by that.

export interface ContentType {
  /** In lower case; '' where there is none. */
  readonly mediaType: string
  /** The values of its `proto` parameters, without quotes; mostly none or one. */
  readonly protos: readonly string[]
}

/** Messages of remote write, by protocol. */
export const messages = {
  'remote-write-1': 'prometheus.WriteRequest',
  'remote-write-2': 'io.prometheus.write.v2.Request',
} as const

/** Name and value, which is a token or in quotes; quotes may hold anything, `\` before any of it. */
const parameter = /;\s*([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))/g

export function readContentType(header: string): ContentType {
  const end = header.indexOf(';')
  if (end < 0) return { mediaType: header.trim().toLowerCase(), protos: [] }
  const protos: string[] = []
  for (const [, name, quoted, plain = ''] of header.slice(end).matchAll(parameter)) {
    if (name!.toLowerCase() === 'proto') protos.push(quoted?.replace(/\\(.)/g, '$1') ?? plain.trim())
  }
  return { mediaType: header.slice(0, end).trim().toLowerCase(), protos }
}

/** The remote write that a Content-Type of protobuf announces; undefined for an unknown message, or several. */
export function remoteWriteOf({ protos }: ContentType): keyof typeof messages | undefined {
  const named = new Set(protos.map((proto) => proto.toLowerCase()))
  if (named.size === 0) return 'remote-write-1'
  const [proto] = named
  if (named.size > 1) return undefined
  if (proto === messages['remote-write-2'].toLowerCase()) return 'remote-write-2'
  return proto === messages['remote-write-1'].toLowerCase() ? 'remote-write-1' : undefined
}
