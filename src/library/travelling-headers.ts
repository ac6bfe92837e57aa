// Which of a caller's headers go with every tenant's part. The caller is this program itself, so Authorization, Cookie
// and its own headers are meant for upstream; those that describe the whole body or one connection are not.

type Headers = Readonly<Record<string, string>>

export interface Travelling {
  /** Names in lower case. Equal headers give the same object, so that what was made of it is used again. */
  readonly headers: Headers
  /** Whose push it is: the same for a repeat, which may be traced or counted otherwise but is sent by the same party. */
  readonly identity: string
}

const ofOneMessage: ReadonlySet<string> = new Set([
  // Made anew for each part; an answer is read here, so how it may be encoded is not the caller's to say.
  'accept-encoding',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  // Hop by hop.
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const differsInRepeats =
  /^(?:user-agent|retry-attempt|date|traceparent|tracestate|baggage|b3|x-b3-.*|uber-trace-id|sentry-trace|x-datadog-.*|x-amzn-trace-id|x-cloud-trace-context|x-(?:request|correlation)-id)$/

/** Makes the function that picks them; the header that carries the tenant is not among them. */
export function travellingHeaders(tenantHeader: string): (headers: Headers) => Travelling {
  const tenantName = tenantHeader.toLowerCase()
  let last: Travelling = { headers: {}, identity: '[]' }
  return (headers) => {
    const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
    const picked: Record<string, string> = {}
    for (const [name, value] of Object.entries(headers)) {
      if (!ofOneMessage.has(name) && name !== tenantName && !named.includes(name)) picked[name] = value
    }
    if (!isSame(picked, last.headers)) last = { headers: picked, identity: identityOf(picked) }
    return last
  }
}

const identityOf = (headers: Headers): string =>
  JSON.stringify(Object.entries(headers).filter(([name]) => !differsInRepeats.test(name)))

function isSame(one: Headers, other: Headers): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}
