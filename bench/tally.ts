// What a body holds, tenant by tenant: how many samples, and a sum over their series that is the same whatever their
// order and whatever bodies they came in. Two tallies that agree hold the same samples, the tenant label aside.

import { crc32 } from 'node:zlib'
import { type Field, ProtoReader } from '../src/dev/proto-reader.ts'

/** Samples and histograms of one tenant, and the sum of its series' checksums (labels, values and times). */
interface Count {
  samples: bigint
  checksum: bigint
}

export interface Tally {
  readonly tenants: Map<string, Count>
  series: bigint
  /** Series that carry the tenant label. */
  labelled: bigint
}

export const emptyTally = (): Tally => ({ tenants: new Map(), series: 0n, labelled: 0n })

/** Adds `times` times what `from` holds to `to`. */
export function addTally(to: Tally, from: Tally, times: number): void {
  const factor = BigInt(times)
  to.series += from.series * factor
  to.labelled += from.labelled * factor
  for (const [tenant, { samples, checksum }] of from.tenants) addCount(to, tenant, samples * factor, checksum * factor)
}

/** All samples of all tenants. */
export const totalSamples = (tally: Tally): number =>
  Number([...tally.tenants.values()].reduce((sum, { samples }) => sum + samples, 0n))

/**
 * Reads an uncompressed remote write 1 body. A series belongs to `tenant`, or, where that is undefined, to the value of
 * its label `label` ('' without one). Throws SluiceError BODY_CORRUPT.
 */
export function tallyBody(raw: Uint8Array, label: string, tenant?: string): Tally {
  const tally = emptyTally()
  const reader = new ProtoReader(raw)
  reader.fields('WriteRequest', (field) => {
    if (field.number !== 1) return false
    const { samples, checksum, value } = readSeries(reader.message(field, 'TimeSeries'), label)
    tally.series++
    if (value !== undefined) tally.labelled++
    addCount(tally, tenant ?? value ?? '', BigInt(samples), BigInt(checksum))
    return true
  })
  return tally
}

/** Adds samples and a checksum to a tenant's. */
export function addCount(tally: Tally, tenant: string, samples: bigint, checksum: bigint): void {
  const count = tally.tenants.get(tenant)
  if (count === undefined) tally.tenants.set(tenant, { samples, checksum })
  else {
    count.samples += samples
    count.checksum += checksum
  }
}

/** The checksum is over every field of the series as it came, in order, but for the tenant label. */
function readSeries(reader: ProtoReader, label: string): { samples: number; checksum: number; value?: string } {
  let samples = 0
  let checksum = 0
  let value: string | undefined
  reader.fields('TimeSeries', (field: Field, skipped) => {
    const bytes = skipped()
    if (field.number === 2 || field.number === 4) samples++
    const found = field.number === 1 ? labelValue(bytes, label) : undefined
    if (found === undefined) checksum = crc32(bytes, checksum)
    else value = found
    return true
  })
  return value === undefined ? { samples, checksum } : { samples, checksum, value }
}

/** The value of a Label field (tag and length included) if its name is `label`. */
function labelValue(bytes: Uint8Array, label: string): string | undefined {
  let name = ''
  let value = ''
  let at = 1
  while (bytes[at]! >= 0x80) at++
  // Most labels are told apart by the length of their name, without decoding it.
  if (bytes[at + 1] === 0x0a && bytes[at + 2] !== label.length) return undefined
  const reader = new ProtoReader(bytes, at + 1)
  reader.fields('Label', (field) => {
    if (field.number === 1) name = reader.string(field, 'Label.name')
    else if (field.number === 2) value = reader.string(field, 'Label.value')
    else return false
    return true
  })
  return name === label ? value : undefined
}

/** Why `got` is not exactly `sent`, in words, or undefined if it is. At most one tenant is named. */
export function difference(sent: Tally, got: Tally): string | undefined {
  const [all, arrived] = [totalSamples(sent), totalSamples(got)]
  if (all !== arrived) return `${all} samples were sent, ${arrived} arrived`
  for (const tenant of new Set([...sent.tenants.keys(), ...got.tenants.keys()])) {
    const [here, there] = [sent.tenants.get(tenant), got.tenants.get(tenant)]
    if (here?.samples !== there?.samples) {
      return `tenant "${tenant}": ${here?.samples ?? 0} samples were sent, ${there?.samples ?? 0} arrived`
    }
    if (here?.checksum !== there?.checksum) return `tenant "${tenant}": the samples that arrived are not those sent`
  }
  return undefined
}
