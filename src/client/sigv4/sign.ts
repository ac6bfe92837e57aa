// Signs one request as AWS wants it (Signature Version 4). What is signed is what is sent: the path is cleaned in both,
// the body's hash is of these very bytes, and no header that claims something else survives.

import type { HttpRequest } from '../../wire/message.ts'
import { Sha256 } from './sha256.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface SigningScope {
  readonly region: string
  readonly service: string
  /** When it is signed, in ms since 1970; AWS takes it within 5 min. */
  readonly at: number
  /** Whether the body's hash is also sent, as X-Amz-Content-Sha256. */
  readonly sendsBodyHash: boolean
}

/** Headers that are sent but not signed, besides those that the package leaves out (prometheus/sigv4 sigv4.go). */
const unsigned = new Set(['uber-trace-id'])
/** What only the signer may say. */
const ownHeaders = ['authorization', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'] as const

// Loading the package takes a tenth of a second: nobody who does not sign is to pay for it.
let loading: Promise<typeof import('@smithy/signature-v4')> | undefined
const signaturePackage = () => (loading ??= import('@smithy/signature-v4'))

/** The request with its signature. */
export async function signRequest(
  request: HttpRequest,
  credentials: AwsCredentials,
  { region, service, at, sendsBodyHash }: SigningScope,
): Promise<HttpRequest> {
  const url = new URL(request.url)
  url.pathname = cleanPath(url.pathname)
  // A plus would be signed as the space that it stands for.
  url.search = url.search.replaceAll('+', '%20')
  const headers = { host: url.host, ...request.headers }
  for (const name of ownHeaders) delete (headers as Record<string, string>)[name]
  const { SignatureV4 } = await signaturePackage()
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256, applyChecksum: sendsBodyHash })
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url),
      headers,
      body: request.body,
    },
    { signingDate: new Date(at), unsignableHeaders: unsigned },
  )
  const { host, ...rest } = signed.headers
  const hasHost = request.headers.host !== undefined && host !== undefined
  return { ...request, url: url.href, headers: hasHost ? { ...rest, host } : rest }
}

/** As Go's path.Clean on an absolute path, but that a slash at the end stays: URL has resolved the dots. */
const cleanPath = (path: string): string => path.replace(/\/{2,}/g, '/')

function queryOf(url: URL): Record<string, string[]> {
  const names = new Set(url.searchParams.keys())
  return Object.fromEntries([...names].map((name) => [name, url.searchParams.getAll(name)]))
}
