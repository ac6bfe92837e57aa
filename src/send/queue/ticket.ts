// What the sender of one part waits for. Its series may go different ways, in several requests or into the store: the
// part is settled once all of them are, and the worst that happened to any is what its sender is told.

import { isRetryable, type PartAnswer } from '../../tenancy/merge-answers.ts'
import { added, type Written } from '../../wire/v2/written.ts'

/** What an answer says of one part's series, as PartAnswer has it of them all. */
interface Own {
  readonly written: Written
  readonly unsent: number
}

export class Ticket {
  #series: number
  #answer: PartAnswer | undefined
  #written: Written | undefined
  #unsent = 0
  #settle: ((answer: PartAnswer) => void) | undefined

  /** `settle` is called once. */
  constructor(series: number, settle: (answer: PartAnswer) => void) {
    this.#series = series
    this.#settle = settle
  }

  /** This became of so many of its series; `own`: what the answer says of them alone, where their sender is told that. */
  note(series: number, answer: PartAnswer, own?: Own): void {
    this.#series -= series
    this.#written = added(this.#written, own?.written)
    this.#unsent += own?.unsent ?? 0
    if (this.#answer === undefined || badness(answer) > badness(this.#answer)) this.#answer = answer
    if (this.#series > 0) return
    this.#settle?.(this.#own(this.#answer))
    this.#settle = undefined
  }

  /** What upstream wrote of this part is its own; all else of the worst answer is as it was. */
  #own(worst: PartAnswer): PartAnswer {
    const written = this.#written !== undefined && { written: this.#written }
    // A push may have a thousand of these: where there is nothing to change, there is no copy.
    if (!written && worst.written === undefined && worst.unsent === undefined && worst.unsentOf === undefined)
      return worst
    const { written: _written, unsent: _unsent, unsentOf: _unsentOf, ...rest } = worst
    return { ...rest, ...written, ...(this.#unsent > 0 && { unsent: this.#unsent }) }
  }
}

/** A repeat mends what may be retried; it must be asked for even if other series were refused for good. */
function badness(answer: PartAnswer): number {
  if (isRetryable(answer)) return 2
  return answer.status >= 300 ? 1 : 0
}
