// The one table of bodies on which Sluice and the generated codec (protobuf-es 2.17) may part ways. Anything not in it
// must be accepted by both or refused by both; that is what the differential tests prove.

import { concat, group, lengthField, varint } from './encode.ts'
import type { Verdict } from './strict.ts'

export interface Exception {
  readonly name: string
  /** Who accepts. `sluice`: the generated codec refuses for certain; `codec`: it may accept, Sluice refuses for certain. */
  readonly accepts: 'sluice' | 'codec'
  readonly reason: string
  readonly holds: (verdict: Verdict) => boolean
  /** A WriteRequest on which they do part ways. */
  readonly example: Uint8Array
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const series = (content: Uint8Array): Uint8Array => lengthField(1, content)

export const exceptions: readonly Exception[] = [
  {
    name: 'overrun',
    accepts: 'codec',
    reason:
      'A value runs past the end of the message it is in, but not past the body. The codec checks only the body’s end and reads the neighbour’s bytes; Prometheus, Mimir and every other codec refuse.',
    holds: (verdict) => verdict.fault === 'overrun',
    // A series of 2 bytes holding a label of 4: the label is taken from what follows.
    example: concat(bytes(0x0a, 2), bytes(0x0a, 4), bytes(0x0a, 0, 0x12, 0)),
  },
  {
    name: 'wrong wire type',
    accepts: 'codec',
    reason:
      'A known field comes with another wire type. The codec ignores the wire type and misreads the value; Prometheus and Mimir refuse the request.',
    holds: (verdict) => verdict.fault === 'wrong wire type',
    // Label.name as "varint 1": read as a string of one byte.
    example: series(lengthField(1, bytes(0x08, 1, 0x41))),
  },
  {
    name: 'varint over 64 bits',
    accepts: 'codec',
    reason:
      'The tenth byte of a varint carries bits beyond the 64th. The codec loses them; the value is not the one written.',
    holds: (verdict) => verdict.fault === 'varint over 64 bits',
    example: series(lengthField(2, concat(bytes(0x10), bytes(255, 255, 255, 255, 255, 255, 255, 255, 255, 2)))),
  },
  {
    name: 'unknown varint over 10 bytes',
    accepts: 'codec',
    reason: 'An unknown field’s varint is longer than any varint may be. The codec steps over it without counting.',
    holds: (verdict) => verdict.fault === 'unknown varint over 10 bytes',
    example: concat(varint(99 * 8), bytes(128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0)),
  },
  {
    name: 'length over 32 bits',
    accepts: 'codec',
    reason: 'A length of 2^32 or more. The codec takes its low 32 bits and goes on with a message that nobody wrote.',
    holds: (verdict) => verdict.fault === 'length over 32 bits',
    example: concat(bytes(0x0a), varint(2 ** 32 + 2), bytes(0x0a, 0)),
  },
  {
    name: 'not UTF-8',
    accepts: 'sluice',
    reason:
      'A string is not UTF-8. Neither Prometheus’ nor Mimir’s codec looks; a label is judged by upstream, series by series, and one bad value must not cost a neighbour’s data. Routing compares bytes.',
    holds: (verdict) => verdict.fault === undefined && verdict.badUtf8,
    example: series(lengthField(1, concat(lengthField(1, bytes(0x61)), lengthField(2, bytes(0xff))))),
  },
  {
    name: 'groups nearly 100 deep',
    accepts: 'sluice',
    reason:
      'The codec counts messages and groups against one limit of 100, Sluice groups alone. Unknown groups that deep exist in no schema; Go’s limit is 10,000.',
    holds: (verdict) => verdict.fault === undefined && verdict.deepest > 100,
    example: group(99, 100),
  },
]

/** The exception that covers a body, if any. */
export function exceptionOf(verdict: Verdict): Exception | undefined {
  return exceptions.find((exception) => exception.holds(verdict))
}
