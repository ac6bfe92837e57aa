// The signed claims that a token is asked for with (RFC 7523, section 2.1).

import { createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto'
import type { OAuth2Settings } from '../../config/http-client/http-client-settings.ts'
import { SluiceError } from '../../errors.ts'

/** An assertion is taken for this long, in seconds. */
const lifetime = 600

const digests = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' } as const

/**
 * A JWT of the settings' claims, which go before the standard ones. `key`: PEM of an RSA private key, PKCS #1 or
 * PKCS #8. `now` in ms. Throws SluiceError CREDENTIALS_UNAVAILABLE if the key is none.
 */
export function signAssertion(settings: OAuth2Settings, key: string, now: number): string {
  const { clientId, clientCertificateKeyId: kid, signatureAlgorithm: alg, scopes, tokenUrl, claims } = settings
  const issuedAt = Math.floor(now / 1000)
  const scope = scopes.join(' ')
  const payload = {
    iss: settings.iss || clientId,
    sub: clientId,
    jti: randomUUID(),
    aud: settings.audience || tokenUrl,
    iat: issuedAt,
    exp: issuedAt + lifetime,
    ...(scope !== '' && { scope }),
    ...claims,
  }
  const unsigned = `${encoded({ alg, typ: 'JWT', ...(kid && { kid }) })}.${encoded(payload)}`
  return `${unsigned}.${sign(digests[alg], Buffer.from(unsigned), rsaKey(key)).toString('base64url')}`
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function rsaKey(pem: string): KeyObject {
  let key: KeyObject | undefined
  try {
    key = createPrivateKey(pem)
  } catch {
    // What OpenSSL says of a text that is no key helps nobody.
  }
  if (key?.asymmetricKeyType === 'rsa') return key
  throw new SluiceError(
    'CREDENTIALS_UNAVAILABLE',
    'unable to use oauth2 client certificate key: it is no PEM of an RSA private key without a passphrase',
  )
}
