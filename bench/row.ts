// A row of the result: all rounds of one program over one kind of bodies, and what they say together.

import type { Round } from './round.ts'
import { type Spread, spread } from './stats.ts'

export interface Row {
  /** What was sent, in words. */
  readonly bodies: string
  readonly program: string
  readonly rounds: readonly Round[]
  /** Why the row does not count, or undefined. */
  readonly invalid: string | undefined
  /** How many times the CPU of the first program it took, round by round; absent for the first itself, NaN if no round of both counts. */
  readonly ratio: Spread | undefined
}

/** Puts rounds together; `first` are those of the program to compare with, taken in turn with these. */
export function makeRow(bodies: string, program: string, rounds: readonly Round[], first?: readonly Round[]): Row {
  const bad = rounds.findIndex(({ invalid }) => invalid !== undefined)
  return {
    bodies,
    program,
    rounds,
    invalid: bad < 0 ? undefined : `round ${bad + 1}: ${rounds[bad]?.invalid}`,
    ratio: first && ratioOf(rounds, first),
  }
}

function ratioOf(rounds: readonly Round[], first: readonly Round[]): Spread {
  return spread(
    rounds.flatMap(({ cpu, invalid }, n) => {
      const other = first[n]
      return other === undefined || other.invalid !== undefined || invalid !== undefined ? [] : [cpu / other.cpu]
    }),
  )
}

/** Median and range of one measure over the rounds. */
export const over = (row: Row, measure: (round: Round) => number): Spread => spread(row.rounds.map(measure))
