// Why there is no answer, in words that name the host and what to look at; never a path, a header or a credential.

import { SluiceError } from '../errors.ts'

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ECONNRESET: 'it closed the connection before it answered',
  EPIPE: 'it closed the connection before it answered',
  UND_ERR_SOCKET: 'it closed the connection before it answered',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
  EADDRNOTAVAIL: 'this machine has no local address or port left for it',
  EMFILE: 'this process has no file descriptor left',
  ETIMEDOUT: 'the connection timed out',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the name server did not answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed and not trusted (ca_file names what is)',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by a CA that is not trusted (ca_file names those that are)',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is signed by a CA that is not trusted (ca_file names those that are)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is signed by a CA that is not trusted (ca_file names those that are)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is signed by a CA that is not trusted (ca_file names those that are)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name (server_name sets the one to look for)',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there (is http:// meant?)',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS there (is http:// meant?)',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it offers no TLS version that is allowed here',
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 'no TLS version is left between min_version and max_version',
  ERR_HTTP2_STREAM_ERROR: 'it reset the HTTP/2 stream before it answered',
  ERR_HTTP2_STREAM_CANCEL: 'it closed the HTTP/2 connection before it answered',
  ERR_HTTP2_SESSION_ERROR: 'it closed the HTTP/2 connection before it answered',
  ERR_HTTP2_GOAWAY_SESSION: 'it closed the HTTP/2 connection before it answered',
  ERR_HTTP2_INVALID_SESSION: 'it closed the HTTP/2 connection before it answered',
  ERR_HTTP2_ERROR: 'what it sends is not HTTP/2',
}

/** What the other side of a TLS handshake had against this one, by the name of its alert (RFC 8446, section 6.2). */
const alerts: Readonly<Record<string, string>> = {
  CERTIFICATE_REQUIRED: 'it demands a client certificate',
  HANDSHAKE_FAILURE: 'it ended the TLS handshake (a client certificate, cipher or version that it demands is missing)',
  BAD_CERTIFICATE: 'it refuses the client certificate',
  UNSUPPORTED_CERTIFICATE: 'it refuses the client certificate',
  CERTIFICATE_UNKNOWN: 'it refuses the client certificate',
  ACCESS_DENIED: 'it refuses the client certificate',
  CERTIFICATE_REVOKED: 'it refuses the client certificate, which is revoked',
  CERTIFICATE_EXPIRED: 'it refuses the client certificate, which has expired',
  UNKNOWN_CA: 'it refuses the client certificate, whose CA it does not know',
  PROTOCOL_VERSION: 'it offers no TLS version that is allowed here',
  UNRECOGNIZED_NAME: 'it does not know the server name that is asked for',
  NO_APPLICATION_PROTOCOL: 'it speaks neither HTTP/1.1 nor HTTP/2',
}

/** A transport's error as SluiceError, which one stays as it is. `shown` is host:port. */
export function failure(error: unknown, shown: string): SluiceError {
  if (error instanceof SluiceError) return error
  const code = codeOf(error)
  const name = error instanceof Error ? error.name : ''
  if (name === 'HeadTooLong' || code === 'UND_ERR_HEADERS_OVERFLOW')
    return new SluiceError('UPSTREAM_ANSWER_TOO_LARGE', `${shown}: the head of its answer is too long`, {
      cause: error,
    })
  if (name === 'MalformedAnswer' || code.startsWith('HPE_')) {
    const why = error instanceof Error ? error.message : code
    return new SluiceError('UPSTREAM_UNREACHABLE', `${shown} did not answer in HTTP/1.1: ${why}`, { cause: error })
  }
  if (name === 'ProxyMisspoke' && error instanceof Error)
    return new SluiceError('UPSTREAM_UNREACHABLE', `${shown}: ${error.message}`, { cause: error })
  const why =
    reasons[code] ?? alertOf(code) ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`)
  return new SluiceError('UPSTREAM_UNREACHABLE', `${shown}: ${why}`, { cause: error })
}

/** The request's whole time is over. */
export function timeout(shown: string, timeoutMs: number, stage: 'queue' | 'connect' | 'answer'): SluiceError {
  const what = { queue: 'no free connection', connect: 'no connection', answer: 'no answer' }[stage]
  return new SluiceError('UPSTREAM_TIMEOUT', `${shown}: ${what} within ${Math.round(timeoutMs)} ms`)
}

function alertOf(code: string): string | undefined {
  const match = /^ERR_SSL_[A-Z0-9/]+_ALERT_([A-Z_]+)$/.exec(code)
  return match === null ? undefined : alerts[match[1]!]
}

// Happy eyeballs reports every address it tried: the first one's reason speaks for all.
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const inner = 'cause' in error ? codeOf(error.cause) : ''
  return code === 'UND_ERR_SOCKET' && inner !== '' ? inner : code
}
