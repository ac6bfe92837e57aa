// What of a request's credentials reached a server, in words. Whatever is not exactly as it should be is shown as it is.

import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from '../../src/client/sigv4/sha256.ts'
import type { Received } from './loopback-server.ts'

export const awsKeys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'aws-secret' }
export const region = 'eu-west-1'

const known: Readonly<Record<string, string>> = {
  [`Basic ${btoa('user:password')}`]: 'basic',
  'Custom typed': 'Custom typed',
  'Bearer of-file': 'Bearer of-file',
  'Bearer issued': 'Bearer issued',
  'Bearer own': 'Bearer own',
}
const shownHeaders = ['cookie', 'x-plain', 'x-key', 'x-set', 'proxy-authorization', 'x-connect', 'x-amz-security-token']

/** `–` for none. */
export async function seenCredentials(received: Received): Promise<string> {
  const { authorization } = received.headers
  const seen = authorization === undefined ? [] : [known[authorization] ?? (await signature(received))]
  for (const name of shownHeaders) {
    const value = received.headers[name]
    if (value !== undefined) seen.push(`${name}: ${value}`)
  }
  if (authorization?.startsWith('AWS4') !== true)
    for (const name of ['x-amz-date', 'x-amz-content-sha256'])
      if (name in received.headers) seen.push(`${name} of another request`)
  return seen.join(', ') || '–'
}

/** Signs what arrived once more, as AWS does, and compares. */
async function signature({ method, target, headers, body }: Received): Promise<string> {
  const { authorization = '', host = '' } = headers
  const signedNames = /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(';') ?? []
  const date = String(headers['x-amz-date']).replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:')
  const url = new URL(target, `http://${host}`)
  const signer = new SignatureV4({ credentials: awsKeys, region, service: 'aps', sha256: Sha256 })
  const again = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(signedNames.map((name) => [name, String(headers[name])])),
      body,
    },
    { signingDate: new Date(date) },
  )
  const isSame = again.headers.authorization === authorization && signedNames.includes('host')
  return isSame ? 'signature' : `no signature of this: ${authorization} but ${again.headers.authorization}`
}
