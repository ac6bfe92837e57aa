// request_test.go and rw1_compat_test.go of the receiver suite: headers and bodies that are none, and pushes of 1.0.

import { expect } from 'vitest'
import { encodeWriteRequest, snappyBlock } from '../../../src/dev/encode.ts'
import type { Answer } from '../../support/in-process.ts'
import { contentType2, request2, series2 } from '../../support/request-2.ts'
import type { SenderLeg } from '../../support/sender-leg.ts'
import type { StrictReceiver } from '../../support/strict-receiver.ts'

export interface Stage {
  readonly backend: StrictReceiver
  readonly leg: SenderLeg
}

/** The push of the suite's `up`; of the tenant that it would go to, if anything did. */
const up = request2([series2(1, '__name__=up', 'tenant=t0')])

function corrupt(body: Buffer, first: number): Buffer {
  const bytes = Buffer.from(body)
  bytes[0] = first
  return bytes
}

/** Refused with this status; after content negotiation of 2.0 its sender hears that nothing was written, else nothing. */
const refused =
  (
    status: number,
    told: '0' | undefined,
    headers: Record<string, string>,
    form: 1 | 2 = 2,
    body = corrupt(up, 0x30), // biome-ignore format: one line
  ) =>
  async ({ backend, leg }: Stage): Promise<void> => {
    const answer = await leg.push(form, body, headers)
    expect([answer.status, writtenOf(answer)]).toEqual([status, [told, told, told]])
    expect(answer.text).not.toBe('')
    expect(backend.take()).toEqual([])
  }

const writtenOf = ({ headers }: Answer) =>
  ['samples', 'histograms', 'exemplars'].map((of) => headers[`x-prometheus-remote-write-${of}-written`])

const first = encodeWriteRequest({
  series: [
    { labels: [['__name__', 'up'], ['instance', 'localhost:9090'], ['job', 'testjob'], ['tenant', 't0']], samples: [[1, 1]] }, // biome-ignore format: one line
    { labels: [['__name__', 'http_requests_total'], ['tenant', 't1']], samples: [[100, 1]] }, // biome-ignore format: one line
  ],
})

export const requestCases: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'TestBadContentTypes/application_json': refused(415, undefined, { 'content-type': 'application/json' }),
  'TestBadContentTypes/image_png': refused(415, undefined, { 'content-type': 'image/png' }),
  'TestBadContentEncodings/gzip': refused(415, undefined, { 'content-encoding': 'gzip' }),
  'TestBadContentEncodings/deflate': refused(415, undefined, { 'content-encoding': 'deflate' }),
  TestCorruptRequestBody: refused(400, '0', { 'content-type': contentType2 }),
  // The suite sends no version header with 1.0; empty stands for none here.
  TestRW1BasicCompatibility: async ({ backend, leg }) => {
    const answer = await leg.push(1, snappyBlock(first), { 'x-prometheus-remote-write-version': '' })
    expect([answer.status, writtenOf(answer)]).toEqual([204, [undefined, undefined, undefined]])
    const writings = backend.take()
    expect(writings.map(({ form }) => form)).toEqual([1, 1])
    expect(writings.flatMap(({ lines }) => lines).sort()).toEqual([
      'http_requests_total 4059000000000000@1',
      'up{instance="localhost:9090", job="testjob"} 3ff0000000000000@1',
    ])
  },
  TestRW1ErrorHandling: refused(400, undefined, {}, 1, corrupt(snappyBlock(first), 0xff)),
}
