// `enable_type_and_unit_labels`: what a series of remote write 2.0 says of its type and unit becomes its labels
// `__type__` and `__unit__`, in place of any that it has, as Prometheus' receiver does it. The metadata stays, too.

import { byBytes } from '../../../../config/byte-order.ts'
import { type Batch, flag } from '../../../../wire/batch.ts'
import { type Label, mostLabels } from '../../../../wire/codec.ts'
import { Output, viewOf } from '../../../../wire/copy.ts'
import { symbolOf } from '../../../../wire/v2/labels.ts'
import { metadataOf } from '../../../../wire/v2/metadata.ts'

const typeLabel = '__type__'
const unitLabel = '__unit__'
/** Type of metadata → its name; 0 is unknown, and no label. */
const typeNames = ['', 'counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset']
const decoder = new TextDecoder()

export class TypeAndUnitLabels {
  readonly #output = new Output()

  /**
   * The batch with these labels; itself where nothing changes, as with remote write 1. Its bytes are valid until the
   * next call. Series that say nothing, are malformed or have `mostLabels` (1000) or more stay as they are.
   */
  apply(batch: Batch): Batch {
    const { codec } = batch
    if (codec.protocol !== 'remote-write-2') return batch
    this.#output.trim()
    const rewriter = codec.rewriter(batch, this.#output)
    for (let i = 0; i < batch.count; i++) {
      rewriter.locate(i)
      const labels = labelled(batch, i)
      if (labels === undefined) {
        rewriter.keep()
        continue
      }
      const encoded = codec.encodeLabels(labels)
      rewriter.relabel(encoded, viewOf(encoded), 0, encoded.length)
    }
    return rewriter.finish()
  }
}

/** All labels of series i, sorted; undefined where they stay as they are. */
function labelled(batch: Batch, i: number): readonly Label[] | undefined {
  if (batch.flags[i]! & flag.faulty) return undefined
  const metadata = metadataOf(batch, i)
  if (metadata === undefined) return undefined
  const type = typeNames[metadata.type] ?? ''
  const unit = decoder.decode(symbolOf(batch.bytes, batch.symbols!, metadata.unit))
  const added = [
    [typeLabel, type],
    [unitLabel, unit],
  ] as const satisfies readonly Label[]
  const said = added.filter(([, value]) => value !== '')
  const own = batch.codec.labels(batch, i)
  if (said.length === 0 || own.length >= mostLabels) return undefined
  const others = own.filter(([name]) => name !== typeLabel && name !== unitLabel)
  return [...others, ...said].sort(([a], [b]) => byBytes(a, b))
}
