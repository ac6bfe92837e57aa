// A law of generated values that can't hold for want of values: it has to be tried on some.

import fc from 'fast-check'
import { expect } from 'vitest'

export interface LawOptions {
  /** Values that are made. */
  readonly runs: number
  /** It has to say something of more than so many of them: a third or so of what it is seen to say. */
  readonly least: number
}

/** `law` throws where it is broken; false: it says nothing of such a value. */
export function checkLaw<T>(values: fc.Arbitrary<T>, { runs, least }: LawOptions, law: (value: T) => boolean): void {
  let tried = 0
  fc.assert(
    fc.property(values, (value) => {
      if (law(value)) tried++
    }),
    { numRuns: runs },
  )
  expect(tried).toBeGreaterThan(least)
}
