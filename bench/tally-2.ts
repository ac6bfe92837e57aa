// What a remote write 2 body holds, told so that the same series tell the same in either form: labels are summed up as
// remote write 1 would carry them, in the order of their references.

import { crc32 } from 'node:zlib'
import { ProtoReader } from '../src/dev/proto-reader.ts'
import { ProtoWriter } from '../src/dev/proto-writer.ts'
import { addCount, emptyTally, type Tally } from './tally.ts'

/**
 * Reads an uncompressed remote write 2 body, as `tallyBody` reads one of 1.0. Throws SluiceError BODY_CORRUPT, or
 * RangeError for a reference that leads nowhere.
 */
export function tallyBody2(raw: Uint8Array, label: string, tenant?: string): Tally {
  const symbols: string[] = []
  const series: ProtoReader[] = []
  const reader = new ProtoReader(raw)
  reader.fields('Request', (field) => {
    if (field.number === 4) symbols.push(reader.string(field, 'Request.symbols'))
    else if (field.number === 5) series.push(reader.message(field, 'TimeSeries'))
    else return false
    return true
  })
  const symbolOf = (ref: number): string => {
    const symbol = symbols[ref]
    if (symbol === undefined) throw new RangeError(`reference ${ref} is outside of ${symbols.length} symbols`)
    return symbol
  }
  const tally = emptyTally()
  for (const one of series) {
    const { samples, checksum, value } = readSeries(one, label, symbolOf)
    tally.series++
    if (value !== undefined) tally.labelled++
    addCount(tally, tenant ?? value ?? '', BigInt(samples), BigInt(checksum))
  }
  return tally
}

type SymbolOf = (ref: number) => string

/** The checksum is over the fields that remote write 1 would have, and what it has none for. */
function readSeries(reader: ProtoReader, label: string, symbolOf: SymbolOf) {
  const content = new ProtoWriter()
  let samples = 0
  let value: string | undefined
  reader.fields('TimeSeries', (field, skipped) => {
    if (field.number === 1) {
      for (const [name, text] of pairs(reader.varints(field, 'TimeSeries.labels_refs'), symbolOf)) {
        if (name === label) value = text
        else writeLabel(content, name, text)
      }
    } else if (field.number === 3) {
      samples++
      const histogram = reader.message(field, 'Histogram').rest()
      content.message(4, () => content.raw(histogram))
    } else if (field.number === 4) {
      writeExemplar(content, reader.message(field, 'Exemplar'), symbolOf)
    } else if (field.number === 5) {
      writeMetadata(content, reader.message(field, 'Metadata'), symbolOf)
    } else {
      if (field.number === 2) samples++
      content.raw(skipped())
    }
    return true
  })
  return { samples, checksum: crc32(content.finish()), value }
}

const writeLabel = (to: ProtoWriter, name: string, value: string): unknown =>
  to.message(1, () => to.bytes(1, name).bytes(2, value))

function writeExemplar(to: ProtoWriter, reader: ProtoReader, symbolOf: SymbolOf): void {
  to.message(3, () =>
    reader.fields('Exemplar', (field, skipped) => {
      if (field.number !== 1) to.raw(skipped())
      else
        for (const [name, text] of pairs(reader.varints(field, 'Exemplar.labels_refs'), symbolOf))
          writeLabel(to, name, text)
      return true
    }),
  )
}

/** Metadata that says nothing is as good as none. */
function writeMetadata(to: ProtoWriter, reader: ProtoReader, symbolOf: SymbolOf): void {
  reader.fields('Metadata', (field, skipped) => {
    if (field.number === 3 || field.number === 4)
      to.bytes(field.number + 100, symbolOf(reader.int64(field, 'Metadata.ref')))
    else to.raw(skipped())
    return true
  })
}

function pairs(refs: readonly number[], symbolOf: SymbolOf): [name: string, value: string][] {
  if (refs.length % 2 !== 0) throw new RangeError(`${refs.length} references are not pairs`)
  return Array.from({ length: refs.length / 2 }, (_, k) => [symbolOf(refs[2 * k]!), symbolOf(refs[2 * k + 1]!)])
}
