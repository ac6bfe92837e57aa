import { expect, test } from 'vitest'
import { refuseSigned } from './signed-body.ts'

const refused = (headers: Record<string, string>, by: string) =>
  expect(() => refuseSigned(headers)).toThrow(
    expect.objectContaining({ code: 'SIGNED_BEFORE_SPLIT', message: expect.stringContaining(`carries ${by},`) }),
  )
const fine = (headers: Record<string, string>) => expect(() => refuseSigned(headers)).not.toThrow()

test('digests and signatures of the body', () => {
  refused({ 'content-digest': 'sha-256=:x:' }, 'content-digest')
  refused({ 'repr-digest': 'sha-256=:x:' }, 'repr-digest')
  refused({ digest: 'SHA-256=x' }, 'digest')
  refused({ 'content-md5': 'x' }, 'content-md5')
  refused({ 'signature-input': 'sig=()' }, 'signature-input')
  refused({ 'x-amz-content-sha256': 'e3b0' }, 'x-amz-content-sha256')
  refused({ authorization: 'AWS4-HMAC-SHA256 Credential=x' }, 'an AWS signature in Authorization')
  refused(
    { authorization: 'AWS4-HMAC-SHA256 Credential=x', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    'an AWS signature in Authorization',
  )
})

test('what says nothing of the body', () => {
  fine({})
  fine({ authorization: 'Bearer AWS4-HMAC-SHA256' })
  fine({ authorization: 'Basic x', cookie: 'a=b', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })
})
