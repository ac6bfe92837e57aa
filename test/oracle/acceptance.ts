// Who accepts a body: the strict reader, the generated codecs and Sluice's scan, held against each other. Also what
// holds for the table of any batch, whatever its protocol.

import type { DescMessage } from '@bufbuild/protobuf'
import { SluiceError } from '../../src/errors.ts'
import type { Batch, Range } from '../../src/wire/batch.ts'
import type { Codec, Watch } from '../../src/wire/codec.ts'
import { decode } from './codec.ts'
import { exceptionOf } from './exceptions.ts'
import { readStrictly, type Verdict } from './strict.ts'

export class LawBroken extends Error {
  override readonly name = 'LawBroken'
}

export function law(holds: boolean, text: string): asserts holds {
  if (!holds) throw new LawBroken(text)
}

/** A message as its receivers declare it, and with bytes for strings. */
export interface Schemas {
  readonly strict: DescMessage
  readonly raw: DescMessage
}

/** What scan made of a body (nothing if it refused, rightly), and `accepted`, `refused` or the name of the exception. */
export interface Accepted {
  readonly batch: Batch | undefined
  readonly verdict: Verdict
  readonly outcome: string
}

/**
 * Scans a body and proves that it is accepted if and only if it should be. `breaks`: whether a well-formed one breaks
 * a rule of its protocol for which it is refused whole.
 */
export function scanAsTheCodecDoes(
  body: Uint8Array,
  codec: Codec,
  watch: Watch,
  schemas: Schemas,
  breaks: (verdict: Verdict) => boolean = () => false,
): Accepted {
  const verdict = readStrictly(schemas.strict, body)
  const batch = scanOrRefuse(body, codec, watch)
  const exception = exceptionOf(verdict)?.name
  const isBroken = breaks(verdict)
  law(
    (batch !== undefined) === (verdict.fault === undefined && !isBroken),
    `strict reading says ${verdict.fault ?? 'well formed'} (byte ${verdict.at}); scan ${batch === undefined ? 'refused' : 'accepted'}`,
  )
  if (isBroken) return { batch, verdict, outcome: 'refused' }
  const raw = decode(schemas.raw, body) !== undefined
  const strict = raw && decode(schemas.strict, body) !== undefined
  if (verdict.fault !== undefined) {
    law(exception !== undefined || !raw, `the codec accepts what is ${verdict.fault}, and no exception covers it`)
    return { batch, verdict, outcome: exception ?? 'refused' }
  }
  law(raw === verdict.deepest <= 100, `the codec ${raw ? 'accepts' : 'refuses'} groups ${verdict.deepest} deep`)
  law(!raw || strict === !verdict.badUtf8, `the codec and the strict reader disagree about what is UTF-8`)
  return { batch, verdict, outcome: exception ?? 'accepted' }
}

function scanOrRefuse(body: Uint8Array, codec: Codec, watch: Watch): Batch | undefined {
  try {
    return codec.scan(body, watch)
  } catch (thrown) {
    law(thrown instanceof SluiceError, `scan threw something of its own: ${thrown}`)
    law(thrown.code === 'BODY_CORRUPT', `scan refused with ${thrown.code}`)
    const offset = thrown.offset ?? -1
    law(Number.isInteger(offset) && offset >= 0 && offset <= body.length, `the fault is said to be at byte ${offset}`)
    return undefined
  }
}

/** Ranges of items, metadata and unknown fields cover the body, each byte once; items are the fields numbered `itemField`. */
export function tableCoversBody(
  batch: Batch,
  verdict: Verdict,
  body: Uint8Array,
  itemField = 1,
  others: readonly Range[] = [],
): void {
  const ranges = [...batch.metadata, ...batch.unknown, ...others]
  for (let i = 0; i < batch.count; i++) ranges.push({ start: batch.start[i]!, end: batch.end[i]! })
  ranges.sort((a, b) => a.start - b.start)
  let at = 0
  for (const range of ranges) {
    law(range.start === at, `bytes ${at} to ${range.start} are nobody’s, or twice`)
    at = range.end
  }
  law(at === body.length, `bytes from ${at} on are nobody’s`)
  const items = verdict.fields.filter((field) => field.number === itemField)
  law(batch.count === items.length, `${batch.count} items found, ${items.length} there`)
  law(
    items.every((item, i) => item.start === batch.start[i] && item.end === batch.end[i]),
    'items lie elsewhere',
  )
}
