import { expect, test } from 'vitest'
import { defaultTenancy } from '../config/tenancy-settings.ts'
import { encodeLokiPush, encodeWriteRequest, type LabelInput } from '../dev/encode.ts'
import type { Codec } from '../wire/codec.ts'
import { lokiPush } from '../wire/loki/codec.ts'
import { remoteWrite1 } from '../wire/v1/codec.ts'
import { OutcomeCache } from './outcome-cache.ts'
import { foldRejected } from './rejected.ts'
import { compileRouter } from './route.ts'
import { split } from './split.ts'

const router = compileRouter({ ...defaultTenancy, labels: ['t'], deny: ['b'] })

function rejectedOf(codec: Codec, body: Uint8Array) {
  const batch = codec.scan(body, router.watch)
  return foldRejected(batch, split(batch, router, '', new OutcomeCache()).rejected)
}

test('one entry for each reason, with the count of all and the labels of one', () => {
  const series = ['a|1', 'a|2', 'b', 'ok', '', 'a|1'].map((t, i) => ({
    labels: [
      ['__name__', `m${i}`],
      ['t', t],
    ] as LabelInput[],
  }))
  expect(rejectedOf(remoteWrite1, encodeWriteRequest({ series }))).toEqual([
    {
      reason: 'invalid_tenant',
      count: 3,
      detail: `tenant id "a|1" is refused: it contains "|"; allowed are A-Z a-z 0-9 ! - _ . * ' ( )`,
      example: '{__name__="m0", t="a|1"}',
    },
    {
      reason: 'denied_tenant',
      count: 1,
      detail: 'tenant id "b" is refused: deny matches it',
      example: '{__name__="m2", t="b"}',
    },
    {
      reason: 'missing_tenant',
      count: 1,
      detail: "label(s): {'t'} not found",
      example: '{__name__="m4", t=""}',
    },
  ])
})

test('a malformed stream shows what of it could be read', () => {
  const entries = [{ tsNs: 1n, line: 'x' }]
  const body = encodeLokiPush({
    streams: [
      { labels: '{t="a", x=nope}', entries },
      { labels: '', entries },
    ],
  })
  expect(rejectedOf(lokiPush, body)).toEqual([
    {
      reason: 'malformed',
      count: 1,
      detail: 'label text: expected a quoted value at byte 10, before "nope}"',
      example: '{t="a"}',
    },
    { reason: 'missing_tenant', count: 1, detail: "label(s): {'t'} not found", example: '' },
  ])
})

test('a giant series is shown in few words', () => {
  const labels: LabelInput[] = Array.from({ length: 50 }, (_, i) => [`l${i}`, 'v'.repeat(10_000)])
  const [only] = rejectedOf(remoteWrite1, encodeWriteRequest({ series: [{ labels }] }))
  expect(only?.example).toHaveLength(200)
  expect(only?.example).toMatch(/^\{l0="v+…$/)
})
