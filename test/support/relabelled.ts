// What a rewriter makes of a body when each series is left out, kept as it is, or given other labels; faulty ones are
// kept, as in the product.

import fc from 'fast-check'
import { type Batch, flag } from '../../src/wire/batch.ts'
import { type Codec, type Label, watchLabels } from '../../src/wire/codec.ts'
import { Output, viewOf } from '../../src/wire/copy.ts'
import { concat } from '../oracle/encode.ts'

/** undefined: left out. `same`: kept. */
export type Decision = readonly Label[] | 'same' | undefined

export interface Relabelled {
  readonly batch: Batch
  /** By series, in wire order; those of faulty ones are `same`. */
  readonly decisions: readonly Decision[]
  readonly result: Batch
}

/** The table of the batch shows the label `team`. */
export function relabelled(
  codec: Codec,
  body: Uint8Array,
  decide: (i: number) => Decision,
  output = new Output(),
): Relabelled {
  const batch = codec.scan(body, watchLabels(['team']))
  const rewriter = codec.rewriter(batch, output)
  const decisions = Array.from({ length: batch.count }, (_, i) =>
    (batch.flags[i]! & flag.faulty) === 0 ? decide(i) : 'same',
  )
  for (const [i, decision] of decisions.entries()) {
    rewriter.locate(i)
    if (decision === 'same') rewriter.keep()
    else if (decision !== undefined) {
      // Labels may lie anywhere in memory.
      const labels = concat(Uint8Array.of(1, 2, 3), codec.encodeLabels(decision), Uint8Array.of(4))
      rewriter.relabel(labels, viewOf(labels), 3, labels.length - 1)
    }
  }
  return { batch, decisions, result: rewriter.finish() }
}

/** One of a few labels: empty, watched, special, long. */
const label: fc.Arbitrary<Label> = fc.tuple(
  fc.constantFrom('', 'team', '__name__', '__tenant_id__', 'x'.repeat(127), 'ünï'),
  fc.constantFrom('', 'a', 'v'.repeat(400)),
)

export const decision: fc.Arbitrary<Decision> = fc.oneof(
  fc.constant('same' as const),
  fc.constant(undefined),
  fc.array(label, { maxLength: 4 }),
)
