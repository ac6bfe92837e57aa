import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MalformedAnswer } from './response-head.ts'
import { HeadTooLong, ResponseParser } from './response-parser.ts'

const limits = { maxHeadBytes: 1000, maxKeptBytes: 100 }

/** What a parser makes of pieces: `status body clean?`, `…` where it wants more, or the error's text. */
function parse(pieces: readonly (string | Uint8Array)[], options: { end?: boolean; method?: string } = {}): string {
  const parser = new ResponseParser(limits)
  parser.begin(options.method ?? 'POST')
  try {
    for (const piece of pieces)
      parser.feed(Buffer.from(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece))
  } catch (error) {
    if (error instanceof MalformedAnswer || error instanceof HeadTooLong) return error.message
    throw error
  }
  if (options.end === true) parser.end()
  if (!parser.isComplete) return '…'
  return `${parser.head!.status} ${Buffer.from(parser.takeBody()).toString('latin1')}${parser.isClean ? '' : ' (close)'}`
}

test('framing', () => {
  const check = (text: string, want: string | RegExp, options = {}) =>
    expect(parse([text], options), text).toMatch(want)
  check('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', /^200 ok$/)
  check('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no', '…')
  check('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200', '200 ok (close)')
  check('HTTP/1.1 204 No\r\ncontent-length: 2\r\n\r\nok', '204  (close)')
  check('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n', /^200 $/, { method: 'HEAD' })
  check('HTTP/1.1 200 OK\r\n\r\nabc', '…')
  check('HTTP/1.1 200 OK\r\n\r\nabc', '200 abc (close)', { end: true })
  check('HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n00\r\n\r\n', /^200 a$/)
  check(
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nA ;x="y"\r\n0123456789\r\n0\r\na: b\r\nc: d\r\n\r\n',
    '200 0123456789',
  )
  check('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nx', '200 a (close)')
  check(
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
    /^200 $/,
  )
  check(`HTTP/1.1 200 OK\r\ncontent-length: 150\r\n\r\n${'x'.repeat(150)}`, `200 ${'x'.repeat(100)}`)
})

test('what can be read in two ways is refused', () => {
  const check = (text: string, want: RegExp) => expect(parse([text]), text).toMatch(want)
  const head = (lines: string) => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`
  check(head('content-length: 1\r\ntransfer-encoding: chunked'), /both a Content-Length and a Transfer-Encoding/)
  check(head('content-length: 1\r\nContent-Length: 1'), /two content-length/)
  check(head('content-length: 1, 1'), /not a number/)
  check(head('content-length: +1'), /not a number/)
  check(head('content-length: 0x1'), /not a number/)
  check(head('content-length:'), /not a number/)
  check(head('content-length: 99999999999999999999'), /not a number/)
  check(head('transfer-encoding: gzip, chunked'), /not chunked/)
  check(head('transfer-encoding: chunked\r\ntransfer-encoding: chunked'), /two transfer-encoding/)
  check('HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', /HTTP\/1\.0/)
  check(head('content-length : 1'), /name that no header/)
  check(head(' content-length: 1'), /name that no header/)
  check(head('x: 1\r\n folded: 2'), /name that no header/)
  check(head('x: a\nb: c'), /control character/)
  check(head('x: a\rb'), /control character/)
  check(head('x: a\0b'), /control character/)
  check(head('no colon'), /no colon/)
  check(head(': x'), /name that no header/)
  check('HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n', /another protocol/)
  for (const line of [
    'HTTP/1.1  200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000',
    'HTTP/1.1 600 X',
    'HTTP/2 200',
    'HTTP/1.1 200OK',
  ])
    check(`${line}\r\n\r\n`, /status line/)
  const chunks = (text: string) => head('transfer-encoding: chunked') + text
  check(chunks('\r\n'), /size/)
  check(chunks('-1\r\n'), /size/)
  check(chunks('1000000000000\r\n'), /longer than any/)
  check(chunks('1\nx'), /size/)
  check(chunks('1\r\nxy'), /its size says/)
  check(chunks('1;a\nb\r\nx'), /control character/)
  check(chunks('0\r\nt: 1\n\r\n'), /CR LF/)
})

test('a head has a bound, interim ones count too', () => {
  expect(parse([`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(1000)}`])).toMatch(/longer than 1000 bytes/)
  expect(parse(Array.from({ length: 100 }, () => 'HTTP/1.1 100 Continue\r\n\r\n'))).toMatch(/longer than 1000 bytes/)
})

test('an endless body ends, one that does not say its end too', () => {
  const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`
  const chunked = Array.from({ length: 9 }, () => chunk)
  expect(parse(['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', ...chunked])).toMatch(/^200 x{100} \(close\)$/)
  expect(parse(['HTTP/1.1 200 OK\r\n\r\n', ...chunked])).toMatch(/^200 .{100} \(close\)$/s)
})

test('headers: names in lower case, repeated ones joined, blanks around values gone', () => {
  const parser = new ResponseParser(limits)
  parser.begin('POST')
  parser.feed(
    Buffer.from(
      'HTTP/1.1 429 \r\nRetry-After:\t 5 \t\r\nX: a\r\nx:b\r\n__proto__: y\r\nKeep-Alive: max=9, timeout=5\r\nContent-Length: 0\r\n\r\n',
    ),
  )
  expect(parser.head).toMatchObject({ status: 429, keepAlive: true, idleLimitMs: 4000 })
  expect({ ...parser.head!.headers }).toEqual({
    'retry-after': '5',
    x: 'a, b',
    'keep-alive': 'max=9, timeout=5',
    'content-length': '0',
  })
})

test('who keeps the connection', () => {
  const check = (first: string, lines: string, want: boolean) => {
    const parser = new ResponseParser(limits)
    parser.begin('POST')
    parser.feed(Buffer.from(`${first}\r\n${lines}content-length: 0\r\n\r\n`))
    expect(parser.head!.keepAlive).toBe(want)
  }
  check('HTTP/1.1 200 OK', '', true)
  check('HTTP/1.1 200 OK', 'Connection: Close\r\n', false)
  check('HTTP/1.1 200 OK', 'connection: x\r\nconnection: close\r\n', false)
  check('HTTP/1.0 200 OK', '', false)
  check('HTTP/1.0 200 OK', 'connection: Keep-Alive\r\n', true)
})

const answers = [
  'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\na: b\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
]

test('law: the pieces in which an answer comes change nothing', () => {
  const cuts = fc.array(fc.nat(150), { maxLength: 8 })
  fc.assert(
    fc.property(fc.constantFrom(...answers), cuts, (answer, at) => {
      const edges = [0, ...at.map((cut) => Math.min(cut, answer.length)).sort((a, b) => a - b), answer.length]
      const pieces = edges.slice(1).map((edge, i) => answer.slice(edges[i], edge))
      expect(parse(pieces)).toBe(parse([answer]))
    }),
  )
  for (const answer of answers) expect(parse([...answer])).toBe(parse([answer]))
})

test('law: any bytes end in an answer, an error or the wish for more', () => {
  const noise = fc.uint8Array({ maxLength: 300 })
  const start = fc.constantFrom(
    '',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
    ...answers,
  )
  fc.assert(fc.property(start, noise, (first, rest) => void parse([first, rest])))
})

test('long runs of blanks cost no time', () => {
  const parser = new ResponseParser({ maxHeadBytes: 1_000_000, maxKeptBytes: 10 })
  parser.begin('POST')
  const started = process.cpuUsage()
  parser.feed(
    Buffer.from(
      `HTTP/1.1 200 OK\r\nx: a${' '.repeat(500_000)}b\r\nconnection: a${' '.repeat(400_000)}b\r\ncontent-length: 0\r\n\r\n`,
    ),
  )
  expect(parser.isComplete).toBe(true)
  const { user, system } = process.cpuUsage(started)
  expect((user + system) / 1e6).toBeLessThan(3)
})
