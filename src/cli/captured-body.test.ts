import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { encodeLokiPush, encodeWriteRequest, snappyBlock } from '../dev/encode.ts'
import { encodeRequest2 } from '../dev/encode-v2.ts'
import { readCapturedBody } from './captured-body.ts'
import { CommandFailure } from './exit.ts'

const fileOf = (body: Uint8Array | string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-captured-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'body')
  writeFileSync(file, body)
  return file
}

const entries = [{ tsNs: 1n, line: 'l' }]
const logs = encodeLokiPush({ streams: [{ labels: '{tenant="a", app="x"}', entries }] })
const json = JSON.stringify({ streams: [{ stream: { app: 'x', tenant: 'a' }, values: [['1', 'l']] }] })
const series = (tenant: string) => ({ labels: [['tenant', tenant]] as const, samples: [[1, 1]] as const })

test('remote write: each label set once', () => {
  const body = snappyBlock(encodeWriteRequest({ series: [series('a'), series('b'), series('a')] }))
  expect(readCapturedBody(fileOf(body), false)).toEqual([
    { signal: 'metrics', labels: [['tenant', 'a']] },
    { signal: 'metrics', labels: [['tenant', 'b']] },
  ])
})

test('remote write 2: by its type, or by its looks', () => {
  const file = fileOf(snappyBlock(encodeRequest2({ series: [series('a'), { labelRefs: [1, 9] }, series('b')] })))
  const want = [
    { signal: 'metrics', labels: [['tenant', 'a']] },
    { fault: expect.stringContaining('label reference 9 is outside') },
    { signal: 'metrics', labels: [['tenant', 'b']] },
  ]
  for (const type of [
    undefined,
    'application/x-protobuf',
    'application/x-protobuf; proto="io.prometheus.write.v2.Request"',
  ])
    expect(readCapturedBody(file, false, type)).toMatchObject(want)
  const one = snappyBlock(encodeWriteRequest({ series: [series('a')] }))
  const named = (body: Uint8Array, type: string) => readCapturedBody(fileOf(body), false, type)
  expect(named(one, 'application/x-protobuf;proto=prometheus.WriteRequest')).toHaveLength(1)
  expect(() => named(one, 'application/x-protobuf;proto=io.prometheus.write.v2.Request')).toThrow('nothing to route')
  expect(() => named(one, 'application/x-protobuf;proto=other')).toThrow('the messages are prometheus.WriteRequest and')
})

test('a Loki push in every form that the proxy takes', () => {
  const check = (body: Uint8Array | string, isLogs: boolean, contentType?: string) => {
    const [item, ...rest] = readCapturedBody(fileOf(body), isLogs, contentType)
    expect([item?.signal, new Map(item?.labels), rest]).toEqual([
      'logs',
      new Map([
        ['tenant', 'a'],
        ['app', 'x'],
      ]),
      [],
    ])
  }
  check(snappyBlock(logs), true)
  check(gzipSync(logs), true)
  check(logs, true)
  check(json, true)
  check(json, false)
  check(`\n ${json}`, false, 'application/json; charset=utf-8')
  check(gzipSync(json), false)
  check(snappyBlock(Buffer.from(json)), false, 'application/json')
})

test('a malformed stream is told apart from one without a tenant', () => {
  const streams = [
    { labels: '{tenant="a"', entries },
    { labels: '{app="x"}', entries },
  ]
  expect(readCapturedBody(fileOf(snappyBlock(encodeLokiPush({ streams }))), true)).toMatchObject([
    { fault: expect.stringContaining('expected "," or "}" at byte 11') },
    { labels: [['app', 'x']] },
  ])
})

test('what cannot be read is said with the file, for people', () => {
  const check = (file: string, isLogs: boolean, said: RegExp) => {
    const failure = (() => {
      try {
        return readCapturedBody(file, isLogs)
      } catch (error) {
        return error
      }
    })()
    expect(failure).toBeInstanceOf(CommandFailure)
    expect(failure).toMatchObject({ exitCode: 1, message: expect.stringMatching(said) })
  }
  const whole = snappyBlock(encodeWriteRequest({ series: [series('a')] }))
  check('/no/such/file', false, /^\/no\/such\/file: ENOENT/)
  check(fileOf(whole.subarray(0, -2)), false, /body: snappy: .*\(byte 1 of the compressed body\)$/)
  check(fileOf('nonsense'), true, /body: snappy: /)
  check(fileOf('{"streams": 1}'), true, /body: JSON: /)
  check(fileOf(gzipSync(logs).subarray(0, 20)), true, /body: unexpected end of file/)
  check(fileOf(snappyBlock(new Uint8Array(0))), false, /body: the body carries nothing to route$/)
})
