// Parts of one tenant and protocol that wait to go out together: uncompressed, to be made one body of. Once closed, a
// batch never changes again.

import type { Codec } from '../../wire/codec.ts'
import { endGathering } from '../../wire/gather.ts'
import { joinBodies } from '../../wire/join.ts'
import { compress } from '../../wire/snappy.ts'
import type { Written } from '../../wire/v2/written.ts'
import type { Shipment } from '../lane.ts'
import type { PartSize } from '../store/record.ts'
import type { Piece, Span } from './piece.ts'
import { Room } from './room.ts'
import type { Ticket } from './ticket.ts'

/** One tenant's series of one push. */
export interface QueuedPart {
  /** Its bytes, uncompressed; they may be overwritten once the part was added. */
  readonly gather: () => Uint8Array
  readonly codec: Codec
  /** The same compressed, where that is at hand. */
  readonly packed?: Uint8Array | undefined
  readonly series: number
  readonly samples: number
  /** What it holds, where its sender is told what of it was written. */
  readonly written?: Written | undefined
  /** Values of `ha_labels` of its first series. */
  readonly haKey: string
  readonly travelling: Shipment['travelling']
}

/** A batch that is closed. */
export interface Closed {
  readonly piece: Piece
  /** The parts that it was merged of. */
  readonly parts: readonly PartSize[]
  readonly haKey: string
  readonly travelling: Shipment['travelling']
  /** When its first part came: by the clock that never goes back, and by the wall clock. */
  readonly openedAt: number
  readonly arrivedMs: number
}

export class OpenBatch {
  series = 0
  samples = 0
  readonly openedAt: number
  readonly #arrivedMs: number
  readonly #first: Pick<QueuedPart, 'codec' | 'packed' | 'haKey'>
  readonly #room = new Room()
  /** The last part's bytes, where the batch closes with them. */
  #borrowed: Uint8Array | undefined
  #taken: Taken[] = nothing
  #travelling: Shipment['travelling']

  constructor(first: QueuedPart, openedAt: number, arrivedMs: number) {
    this.#first = { codec: first.codec, packed: first.packed, haKey: first.haKey }
    this.#travelling = first.travelling
    this.openedAt = openedAt
    this.#arrivedMs = arrivedMs
  }

  /** Whether the part may come along. Receivers judge a request by its first series, so all must agree in `ha_labels`. */
  takes(part: QueuedPart, maxSamples: number): boolean {
    const { codec, haKey } = this.#first
    return part.codec === codec && part.haKey === haKey && this.samples + part.samples <= maxSamples
  }

  /** `isLast`: the batch is closed before anything else happens, so that its bytes need no copy. */
  add(part: QueuedPart, ticket: Ticket, isLast: boolean): void {
    this.series += part.series
    this.samples += part.samples
    const { series, samples, written, packed } = part
    const bytes = isLast && this.#taken.length === 0 && packed !== undefined ? undefined : part.gather()
    if (isLast) this.#borrowed = bytes
    else if (bytes !== undefined) this.#room.append(bytes)
    this.#taken = withNext(this.#taken, { ticket, series, samples, written, bytes: bytes?.length ?? 0 })
    if (part.travelling !== this.#travelling) this.#travelling = common(this.#travelling, part.travelling)
  }

  close(): Closed {
    const { codec, packed, haKey } = this.#first
    const spans = this.#taken
    const isAsItCame = spans.length === 1 && packed !== undefined
    const body = isAsItCame
      ? packed
      : compress(joinBodies(codec, this.#pieces(), () => spans.map(({ bytes }) => bytes)))
    this.#room.clear()
    endGathering()
    return {
      piece: { codec, body, series: this.series, samples: this.samples, spans },
      parts: spans,
      haKey,
      travelling: this.#travelling,
      openedAt: this.openedAt,
      arrivedMs: this.#arrivedMs,
    }
  }

  #pieces(): Uint8Array[] {
    const pieces = this.#room.pieces()
    if (this.#borrowed !== undefined) pieces.push(this.#borrowed)
    return pieces
  }
}

/** What is known of a part that is in it. */
interface Taken extends Span, PartSize {
  /** Uncompressed; 0 where it goes out as it came. */
  readonly bytes: number
}

const nothing: never[] = []

/** The list with one more. Most batches have few parts, and a list that grows by itself makes room for many. */
function withNext<T>(list: T[], next: T): T[] {
  if (list.length < 8) return [...list, next]
  list.push(next)
  return list
}

/** The headers that both have alike. */
function common(a: Shipment['travelling'], b: Shipment['travelling']): Shipment['travelling'] {
  return Object.fromEntries(Object.entries(a).filter(([name, value]) => b[name] === value))
}
