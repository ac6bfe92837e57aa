// The headers that Prometheus lets no setting change: remote_write's list for `headers`, prometheus/common's for
// `http_headers`, which has one more.

/** As Go writes header names: the first letter of each part upper-case. */
export const canonicalHeader = (name: string): string =>
  name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())

const reserved: ReadonlySet<string> = new Set([
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
])

/** Whether remote_write's `headers` may not set it; `authorization` has a rule of its own. */
export const isReservedHeader = (name: string): boolean => reserved.has(name.toLowerCase())

/** Whether `http_headers` may not add it. */
export const isReservedHttpHeader = (name: string): boolean =>
  isReservedHeader(name) || ['authorization', 'x-prometheus-scrape-timeout-seconds'].includes(name.toLowerCase())
