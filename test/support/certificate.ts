// Certificates for tests of TLS, made on the spot: a key in the repository would be found by every scanner, and one
// that expires would break the tests of some later year.

import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

export interface Certified {
  readonly certificate: string
  readonly key: string
}

export interface Authority {
  readonly certificate: string
  /** A server's certificate for these names; default localhost and 127.0.0.1. */
  issue(names?: readonly string[], validity?: { readonly fromMs: number; readonly toMs: number }): Certified
}

/** Makes a certificate authority (P-256). */
export function createAuthority(name = 'Test CA'): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const sign = (subject: string, key: KeyObject, extensions: Buffer[], fromMs: number, toMs: number) =>
    certificate({ subject, issuer: name, key, signer: privateKey, extensions, fromMs, toMs })
  const now = Date.now()
  const whole = [now - hour, now + hour] as const
  return {
    certificate: sign(name, publicKey, [extension('551d13', true, seq(bool(true)))], ...whole),
    issue: (names = ['localhost', '127.0.0.1'], validity = { fromMs: whole[0], toMs: whole[1] }) => {
      const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const alternative = extension('551d11', false, seq(...names.map(generalName)))
      return {
        certificate: sign(names[0] ?? '', leaf.publicKey, [alternative], validity.fromMs, validity.toMs),
        key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }
    },
  }
}

const hour = 3_600_000

interface Content {
  readonly subject: string
  readonly issuer: string
  readonly key: KeyObject
  readonly signer: KeyObject
  readonly extensions: readonly Buffer[]
  readonly fromMs: number
  readonly toMs: number
}

// RFC 5280, section 4.1; ecdsa-with-SHA256.
function certificate(content: Content): string {
  const algorithm = seq(oid('2a8648ce3d040302'))
  const commonName = (text: string) => seq(der(0x31, seq(oid('550403'), der(0x0c, Buffer.from(text)))))
  const body = seq(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    commonName(content.issuer),
    seq(time(content.fromMs), time(content.toMs)),
    commonName(content.subject),
    content.key.export({ type: 'spki', format: 'der' }),
    der(0xa3, seq(...content.extensions)),
  )
  const signature = createSign('sha256').update(body).sign(content.signer)
  const whole = seq(body, algorithm, der(0x03, Buffer.from([0]), signature))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  // Go takes the shortest length only.
  if (body.length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, body.length]), body])
  return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 0xff]), body])
}

const seq = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const bool = (value: boolean): Buffer => der(0x01, Buffer.from([value ? 0xff : 0]))
const integer = (bytes: Buffer): Buffer => der(0x02, bytes)
const extension = (id: string, isCritical: boolean, value: Buffer): Buffer =>
  seq(oid(id), ...(isCritical ? [bool(true)] : []), der(0x04, value))

function time(ms: number): Buffer {
  return der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, '')}`))
}

function generalName(name: string): Buffer {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(name)
  return isAddress ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name))
}
