import { expect, test } from 'vitest'
import { HttpReader, header } from './http-reader.ts'

/** Messages as [start line, body], read from `text` given in pieces of at most `size` bytes. */
function read(text: string, size: number): [string, string][] {
  const messages: [string, string][] = []
  let current: [string, string] = ['', '']
  const reader = new HttpReader({
    head: (head) => {
      current = [head.split('\r\n')[0]!, '']
    },
    body: (piece) => {
      current[1] += piece.toString('latin1')
    },
    end: () => messages.push(current),
  })
  // One buffer for all pieces, as a socket with `onread` has: whatever is kept must be a copy.
  const reused = Buffer.alloc(size)
  for (let at = 0; at < text.length; at += size) {
    const length = reused.write(text.slice(at, at + size), 'latin1')
    reader.push(reused.subarray(0, length))
  }
  expect(reader.idle).toBe(true)
  return messages
}

test('messages are found however they are cut', () => {
  const check = (text: string, want: [string, string][]) => {
    for (let size = 1; size <= text.length; size++) expect(read(text, size)).toEqual(want)
  }
  check('POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello', [['POST /a HTTP/1.1', 'hello']])
  check('GET / HTTP/1.1\r\nHost: x\r\n\r\n', [['GET / HTTP/1.1', '']])
  check('POST /a HTTP/1.1\r\ncontent-length:0\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi', [
    ['POST /a HTTP/1.1', ''],
    ['POST /b HTTP/1.1', 'hi'],
  ])
  check(
    'POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n' +
      'POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    [
      ['POST /a HTTP/1.1', 'abc0123456789'],
      ['POST /b HTTP/1.1', ''],
      ['GET / HTTP/1.1', ''],
    ],
  )
  check('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', [
    ['HTTP/1.1 204 No Content', ''],
    ['HTTP/1.1 200 OK', 'ok'],
  ])
})

test('a message whose end cannot be found is refused', () => {
  const check = (text: string, want: RegExp) => expect(() => read(text, text.length)).toThrow(want)
  check('HTTP/1.1 200 OK\r\n\r\n', /without Content-Length/)
  check('POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', /not a Content-Length: -1/)
  check('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n', /not the size of a chunk: "xyz"/)
  check('x'.repeat(70_000), /more than 64 KiB/)
})

test('headers are found by name in any case, whole names only', () => {
  const head = 'POST / HTTP/1.1\r\nX-X-Scope-OrgID: no\r\nx-scope-orgid:  team-1 \r\nLast: end'
  const check = (name: string, want: string | undefined) => expect(header(head, name)).toBe(want)
  check('x-scope-orgid', 'team-1')
  check('last', 'end')
  check('orgid', undefined)
})
