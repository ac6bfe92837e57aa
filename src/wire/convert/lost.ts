// What a conversion between the two forms of remote write could not carry over.

export interface Lost {
  /** Histograms with custom buckets, which remote write 1 does not know (Prometheus: `nhcb_in_rw1_not_supported`). */
  customHistograms: number
  /** Of which series they were, by their index in the body that was converted; one entry a histogram, rising. */
  readonly customOf: number[]
  /** Series that were left without any data by that; they are not in the body. */
  series: number
  /** Start timestamps, of samples, histograms, or all of a series; remote write 1 has none. */
  startTimestamps: number
  /** Exemplars of series without data, of whose labels there is none that has data: remote write 2 has no place for them. */
  exemplars: number
  /** Series that hold nothing at all, which remote write 2 does not know. */
  emptySeries: number
  /** Metadata records that no series is there to carry, or that contradict another of the same family. */
  metadata: number
  /** Fields that neither form declares: their numbers mean nothing, or something else, in the other one. */
  unknown: number
}

export interface Converted {
  /** Uncompressed; valid until the next conversion to the same form. */
  readonly body: Uint8Array
  readonly lost: Readonly<Lost>
}

export const nothingLost = (): Lost => ({
  customHistograms: 0,
  customOf: [],
  series: 0,
  startTimestamps: 0,
  exemplars: 0,
  emptySeries: 0,
  metadata: 0,
  unknown: 0,
})
