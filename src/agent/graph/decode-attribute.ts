// One attribute along its row: Alloy's rules about types first, then the bounds, grammars and hints that the same row
// has everywhere (config/decode-option.ts).

import { decodeOption } from '../../config/decode-option.ts'
import { checkQuantity } from '../../config/decode-text.ts'
import { quoted } from '../../config/diagnostics.ts'
import { parseGoDuration } from '../../config/duration.ts'
import type { QuantitySpec } from '../../config/setting-spec.ts'
import type { Span } from '../../config/source-file.ts'
import type { Receiver } from '../flow/receiver.ts'
import { capsuleNames } from '../flow/receiver.ts'
import { toCapsule } from '../syntax/convert.ts'
import type { AttributeSpec, CapsuleSpec, Report } from './component.ts'
import {
  arrayOf,
  leaf,
  mapOfTexts,
  type Outcome,
  type PlainContext,
  plainOf,
  type ToPlain,
  texts,
} from './decode-plain.ts'
import { textOf } from './mismatch.ts'
import { type Placed, spanAt, spanOf } from './placed.ts'

export const isCapsule = (spec: AttributeSpec): spec is CapsuleSpec & AttributeSpec =>
  spec.type === 'receivers' || spec.type === 'strings' || spec.type === 'map_of_strings' || spec.type === 'any'

/** Whether what is written for a row must not be shown. */
export const isSecret = (spec: AttributeSpec): boolean =>
  !isCapsule(spec) &&
  (spec.secret === true || ['secret', 'headers', 'map', 'http_headers', 'object'].includes(spec.type))

const spanOfPlaced = (placed: Placed): Span => spanOf(placed.expression)

/** Reads a value. What is wrong is reported. */
export function decodeAttribute(spec: AttributeSpec, placed: Placed, report: Report): Outcome {
  const context: PlainContext = {
    isSecret: isSecret(spec),
    fail: (at, message, hint) => report('error', spanOfPlaced(at), message, hint),
  }
  if (isCapsule(spec)) return decodeCapsule(spec, placed, context)
  const plain = plainOf(spec)(placed, context)
  if (typeof plain === 'string') return plain
  if (spec.type === 'duration') return decodeDuration(spec, plain.value as string, placed, report)
  let hasFailed = false
  const value = decodeOption(spec, plain.value, (at, message, hint, what) => {
    hasFailed = true
    report('error', spanAt(placed, at, what), message, hint)
  })
  return hasFailed || value === undefined ? 'failed' : { value }
}

/** Durations are in Go's grammar in Alloy, whatever their rows say for other files. */
function decodeDuration(spec: QuantitySpec, text: string, placed: Placed, report: Report): Outcome {
  const span = spanOfPlaced(placed)
  const ms = parseGoDuration(text)
  if (ms === undefined) {
    const days = /^\d+[dwy]$/.test(text) ? '; the largest unit is h' : ''
    report(
      'error',
      span,
      `${quoted(text)} is not a duration`,
      `write numbers with units, such as 10s, 1m30s or 1.5h${days}`,
    )
    return 'failed'
  }
  const checked = checkQuantity(spec, ms)
  if ('value' in checked) return { value: checked.value }
  report('error', span, checked.problem, checked.hint)
  return 'failed'
}

function decodeCapsule(spec: CapsuleSpec, placed: Placed, context: PlainContext): Outcome {
  switch (spec.type) {
    case 'any':
      return placed.value === undefined ? 'unknown' : { value: placed.value }
    case 'strings':
      return texts(placed, context)
    case 'map_of_strings': {
      const entries = mapOfTexts(placed, context)
      return typeof entries === 'string' ? entries : { value: Object.fromEntries(entries.value) }
    }
    case 'receivers': {
      const items = arrayOf(receiverOf(spec.signal ?? 'metrics'), listHint)(placed, context)
      return typeof items === 'string' ? items : { value: items.value.filter((item) => item !== undefined) }
    }
  }
}

const listHint = (placed: Placed): string | undefined =>
  placed.value?.type === 'capsule' ? `write [${textOf(placed)}]` : undefined

/** Null, which a receiver is before its component runs, takes nothing. */
const receiverOf = (signal: Receiver['signal']): ToPlain<Receiver | undefined> => {
  const name = capsuleNames[signal]
  return leaf(
    (value) =>
      value.type === 'null'
        ? undefined
        : toCapsule(value, name, (capsule) => (capsule.name === name ? (capsule.content as Receiver) : undefined)),
    receiverHints[signal],
  )
}

const receiverHints = {
  metrics: 'write the receiver of a component that takes metrics, such as prometheus.remote_write.NAME.receiver',
  logs: 'write the receiver of a component that takes logs, such as loki.write.NAME.receiver',
} as const
