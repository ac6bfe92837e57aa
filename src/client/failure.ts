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
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed and not in the CA bundle',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by a CA that is not in the CA bundle',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is signed by a CA that is not in the CA bundle',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by a CA that is not in the CA bundle',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by a CA that is not in the CA bundle',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there (is http:// meant?)',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS there (is http:// meant?)',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it demands a client certificate',
}

/** A transport's error as SluiceError. `shown` is host:port. */
export function failure(error: unknown, shown: string): SluiceError {
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
  const why = reasons[code] ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`)
  return new SluiceError('UPSTREAM_UNREACHABLE', `${shown}: ${why}`, { cause: error })
}

/** The request's whole time is over. */
export function timeout(shown: string, timeoutMs: number, stage: 'queue' | 'connect' | 'answer'): SluiceError {
  const what = { queue: 'no free connection', connect: 'no connection', answer: 'no answer' }[stage]
  return new SluiceError('UPSTREAM_TIMEOUT', `${shown}: ${what} within ${Math.round(timeoutMs)} ms`)
}

// Happy eyeballs reports every address it tried: the first one's reason speaks for all.
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const inner = 'cause' in error ? codeOf(error.cause) : ''
  return code === 'UND_ERR_SOCKET' && inner !== '' ? inner : code
}
