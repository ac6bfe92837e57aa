// One closed batch on its way: in one request if upstream takes it, else in pieces, in the order of its series. What
// may be retried stays; what is refused for good goes, alone if it was merged with others.

import { isRetryable, type PartAnswer } from '../../tenancy/merge-answers.ts'
import { common, nothingWritten, without } from '../../wire/v2/written.ts'
import { asHalves, asParts, contentsOfPiece, type Piece } from './piece.ts'

/** `more`: the next piece can be tried at once. `later`: the same one, after a wait. */
export type Progress = 'done' | 'more' | 'later'

export interface DeliveryRules {
  readonly retryOnHttp429: boolean
  /** Told what upstream refused for good. */
  readonly onRefused: (series: number, samples: number) => void
}

export class Delivery {
  /** What is left of it, the next one first. */
  #pieces: Piece[]
  #isWhole = true

  constructor(whole: Piece) {
    this.#pieces = [whole]
  }

  /** Nothing of it was delivered or cut yet. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  get next(): Piece | undefined {
    return this.#pieces[0]
  }

  /** Samples that are left. */
  get samples(): number {
    return this.#pieces.reduce((sum, piece) => sum + piece.samples, 0)
  }

  /** Upstream's answer for `next`. */
  answered(answer: PartAnswer, rules: DeliveryRules): Progress {
    const piece = this.#pieces[0]
    if (piece === undefined) return 'done'
    if (shallRepeat(answer, rules.retryOnHttp429)) return 'later'
    this.#isWhole = false
    const smaller = answer.status < 300 || answer.status === 429 ? undefined : inSmaller(piece, answer.status)
    if (smaller !== undefined) {
      this.#pieces.splice(0, 1, ...smaller)
      return 'more'
    }
    this.#pieces.shift()
    if (answer.status >= 300) {
      const { samples, histograms } = answer.written ?? nothingWritten
      rules.onRefused(piece.series, piece.samples - samples - histograms)
    }
    tell(piece, answer)
    return this.#pieces.length > 0 ? 'more' : 'done'
  }

  /** All that wait for what is left are told this, and nobody waits for it any more. `isKept`: it counts as written. */
  settle(answer: PartAnswer, isKept = false): void {
    const pieces = this.#pieces
    this.#pieces = pieces.map((piece) => ({
      ...piece,
      spans: piece.spans.map(({ series }) => ({ ticket: undefined, series })),
    }))
    for (const piece of pieces) {
      const written = isKept ? contentsOfPiece(piece) : undefined
      tell(piece, written === undefined ? answer : { ...answer, written })
    }
  }
}

/** Upstream writes in order: what it counts of the whole is the first ones'. What could not be sent is known by its series. */
function tell({ spans }: Piece, answer: PartAnswer): void {
  const { unsentOf = [] } = answer
  let left = answer.written
  let end = 0
  let k = 0
  for (const { ticket, series, written } of spans) {
    end += series
    const from = k
    while (k < unsentOf.length && unsentOf[k]! < end) k++
    const unsent = k - from
    const sent = written && { ...written, histograms: written.histograms - unsent }
    const own = spans.length === 1 ? left : left && sent && common(left, sent)
    if (left !== undefined && own !== undefined) left = without(left, own)
    ticket?.note(series, answer, own && { written: own, unsent })
  }
}

/** Whether the same request may succeed later. */
export function shallRepeat(answer: PartAnswer, retryOnHttp429: boolean): boolean {
  return answer.status === 429 ? retryOnHttp429 : isRetryable(answer)
}

/** What may be taken in smaller pieces; undefined if it can't be cut or would be the same again. */
function inSmaller(piece: Piece, status: number): Piece[] | undefined {
  try {
    if (status === 413) return piece.series > 1 ? asHalves(piece) : undefined
    return piece.spans.length > 1 ? asParts(piece) : undefined
  } catch {
    // Bytes that can't be read were refused rightly.
    return undefined
  }
}
