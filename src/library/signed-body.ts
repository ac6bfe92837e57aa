// A signature or digest over the whole body is true of no part of it: upstream would refuse every part, or worse, not
// look. It has to be made after the split.

import { SluiceError } from '../errors.ts'

type Headers = Readonly<Record<string, string | undefined>>

const digests = ['content-digest', 'repr-digest', 'digest', 'content-md5', 'signature-input'] as const

/**
 * Throws SluiceError SIGNED_BEFORE_SPLIT if the headers carry a signature of the body: RFC 9530 and RFC 3230 digests,
 * Content-MD5, RFC 9421 signatures, AWS Signature Version 4.
 */
export function refuseSigned(headers: Headers): void {
  const signedBy = digests.find((name) => headers[name] !== undefined) ?? signedByAws(headers)
  if (signedBy === undefined) return
  throw new SluiceError(
    'SIGNED_BEFORE_SPLIT',
    `the request carries ${signedBy}, made over the whole body: it would be true of no tenant’s part. Sign inside: ` +
      'wrap the function (or dispatcher, or chain) that signs, so that each part is signed by itself',
  )
}

function signedByAws(headers: Headers): string | undefined {
  const hash = headers['x-amz-content-sha256']
  if (hash !== undefined && hash !== 'UNSIGNED-PAYLOAD') return 'x-amz-content-sha256'
  return /^AWS4-/i.test(headers.authorization ?? '') ? 'an AWS signature in Authorization' : undefined
}
