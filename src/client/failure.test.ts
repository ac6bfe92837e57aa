import { expect, test } from 'vitest'
import { SluiceError } from '../errors.ts'
import { failure, timeout } from './failure.ts'
import { MalformedAnswer } from './http1/response-head.ts'
import { ProxyMisspoke } from './outbound-proxy/handshake.ts'

const coded = (code: string, more: object = {}) => Object.assign(new Error(`secret ${code}`), { code, ...more })

test('why there is no answer, in words', () => {
  const check = (error: unknown, message: string, code = 'UPSTREAM_UNREACHABLE') =>
    expect(failure(error, 'mimir:8080')).toMatchObject({ code, message })
  check(coded('ECONNREFUSED'), 'mimir:8080: nothing listens there (connection refused)')
  check(coded('ENOTFOUND'), 'mimir:8080: the host name is not known')
  check(coded('EAI_AGAIN'), 'mimir:8080: the name server did not answer')
  check(
    new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]),
    'mimir:8080: nothing listens there (connection refused)',
  )
  check(coded('UND_ERR_SOCKET', { cause: coded('ETIMEDOUT') }), 'mimir:8080: the connection timed out')
  check(coded('EWHATEVER'), 'mimir:8080: the connection failed (EWHATEVER)')
  check(
    coded('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'),
    'mimir:8080: it refuses the client certificate, whose CA it does not know',
  )
  // OpenSSL names the same alert by the version of the protocol, and of itself.
  for (const family of ['TLSV13', 'TLS', 'SSLV3', 'SSL/TLS'])
    check(coded(`ERR_SSL_${family}_ALERT_CERTIFICATE_REQUIRED`), 'mimir:8080: it demands a client certificate')
  check(
    coded('ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED'),
    'mimir:8080: it refuses the client certificate, which has expired',
  )
  check(coded('ERR_SSL_SSLV3_ALERT_NEW'), 'mimir:8080: the connection failed (ERR_SSL_SSLV3_ALERT_NEW)')
  check(coded('ERR_HTTP2_STREAM_ERROR'), 'mimir:8080: it reset the HTTP/2 stream before it answered')
  check(new ProxyMisspoke('it does not speak SOCKS 5'), 'mimir:8080: it does not speak SOCKS 5')
  const told = new SluiceError('CREDENTIALS_UNAVAILABLE', 'unable to read CA cert')
  expect(failure(told, 'mimir:8080')).toBe(told)
  check('odd', 'mimir:8080: the connection failed')
  check(new MalformedAnswer('it has no colon'), 'mimir:8080 did not answer in HTTP/1.1: it has no colon')
  check(
    coded('UND_ERR_HEADERS_OVERFLOW'),
    'mimir:8080: the head of its answer is too long',
    'UPSTREAM_ANSWER_TOO_LARGE',
  )
  expect(timeout('mimir:8080', 1234.5, 'connect').message).toBe('mimir:8080: no connection within 1235 ms')
})
