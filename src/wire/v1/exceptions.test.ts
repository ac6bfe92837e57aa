import { expect, test } from 'vitest'
import { decode, schemas } from '../../../test/oracle/codec.ts'
import { concat, group, lengthField, varint } from '../../../test/oracle/encode.ts'
import { exceptionOf, exceptions } from '../../../test/oracle/exceptions.ts'
import { readStrictly } from '../../../test/oracle/strict.ts'
import { watchLabels } from '../codec.ts'
import { remoteWrite1 } from './codec.ts'

const watch = watchLabels(['t'])
const weAccept = (body: Uint8Array): boolean => {
  try {
    remoteWrite1.scan(body, watch)
    return true
  } catch {
    return false
  }
}
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

test.each(exceptions.map((exception) => [exception.name, exception] as const))(
  'the generated codec and Sluice do part ways: %s',
  (_, exception) => {
    const { example } = exception
    expect(exceptionOf(readStrictly(schemas.writeRequest, example))?.name).toBe(exception.name)
    expect({ sluice: weAccept(example), codec: decode(schemas.writeRequest, example) !== undefined }).toEqual({
      sluice: exception.accepts === 'sluice',
      codec: exception.accepts === 'codec',
    })
  },
)

test('whatever is not an exception is refused by both, or accepted by both', () => {
  const check = (body: Uint8Array, fault: string | undefined) => {
    const verdict = readStrictly(schemas.writeRequest, body)
    expect({
      fault: verdict.fault,
      exception: exceptionOf(verdict)?.name,
      sluice: weAccept(body),
      codec: decode(schemas.writeRequest, body) !== undefined,
    }).toEqual({ fault, exception: undefined, sluice: fault === undefined, codec: fault === undefined })
  }
  const series = (...content: number[]) => lengthField(1, bytes(...content))
  const nines = Array.from({ length: 9 }, () => 0xff)

  check(bytes(), undefined)
  check(bytes(0x0a, 0), undefined)
  check(bytes(0x0a), 'truncated')
  check(bytes(0x0a, 1), 'truncated')
  check(bytes(0x0a, 0x80), 'truncated')
  check(bytes(0x0a, 2, 0x0a, 1), 'truncated')
  check(series(0x12, 9, 0x09, 0, 0, 0, 0, 0, 0, 0, 0), undefined)
  check(series(0x12, 8, 0x09, 0, 0, 0, 0, 0, 0, 0), 'truncated')
  check(bytes(0x00), 'field number 0')
  check(bytes(0x07), 'field number 0')
  check(series(0x02, 0), 'field number 0')
  check(series(0x2e), 'wire type 6 or 7')
  check(series(0x2f, 0), 'wire type 6 or 7')
  check(bytes(0x84, 0x06), 'stray end of group')
  check(bytes(0x9b, 0x06, 0xa4, 0x06), 'wrong end of group')
  check(bytes(0x9b, 0x06, 0x9c, 0x06), undefined)
  check(bytes(0x9b, 0x06), 'truncated')
  // A tag fits in 32 bits, so in five bytes; the same tag in six is refused.
  check(bytes(0x8a, 0x80, 0x80, 0x80, 0x00, 0x00), undefined)
  check(bytes(0x8a, 0x80, 0x80, 0x80, 0x80, 0x00, 0x00), 'tag over 32 bits')
  check(bytes(0x8a, 0x80, 0x80, 0x80, 0x10, 0x00), 'tag over 32 bits')
  // Lengths and values may be padded up to ten bytes.
  check(bytes(0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00), undefined)
  check(bytes(0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00), 'varint over 10 bytes')
  check(series(0x12, 11, 0x10, ...nines, 0x01), undefined)
  check(series(0x12, 12, 0x10, ...nines, 0xff, 0x01), 'varint over 10 bytes')
  check(concat(varint(99 * 8 + 5), bytes(1, 2, 3)), 'truncated')
  check(concat(varint(99 * 8 + 1), bytes(1, 2, 3, 4, 5, 6, 7)), 'truncated')
  check(group(99, 99), undefined)
  check(group(99, 101), 'groups over 100 deep')
  // The reserved number 2 and Mimir's 1000 are unknown fields, of whatever type.
  check(bytes(0x10, 1), undefined)
  check(concat(varint(8000), bytes(1)), undefined)
})
