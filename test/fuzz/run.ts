// One mutated input at a time: two in three are mutated as protobuf and then packed, the third packed and then mutated.
// Whatever happens, the laws hold: refused like the codec refuses, split like the strict reader splits.

import { SluiceError } from '../../src/errors.ts'
import { compress, uncompress } from '../../src/wire/snappy.ts'
import { LawBroken } from '../oracle/acceptance.ts'
import { checkBody, type Subject, subjectOf } from '../oracle/laws.ts'
import { checkPush } from '../oracle/push-laws.ts'
import { checkRequest2 } from '../oracle/request-2-laws.ts'
import { unpack } from '../oracle/snappy.ts'
import { mutate, seedOf } from './mutate.ts'
import { type Random, randomOf } from './random.ts'
import { makePushSeeds, makeRequest2Seeds, makeWriteSeeds, type SeedMaker } from './seeds.ts'

/** What a block may unpack to here: far above any honest seed, so that only claims are refused for it. */
const maxUnpacked = 1 << 20

export interface Tally {
  /** Outcome → inputs; see `checkBody`, and `bad snappy` for what never became a body. */
  readonly outcomes: Map<string, number>
  /** Inputs whose protobuf was mutated before it was packed. */
  mutatedBeforePacking: number
  slowestMs: number
  slowest: number
}

export interface Fuzzer {
  readonly tally: Tally
  /** Runs input `n`. Throws what went wrong, its message beginning with the input's number. */
  run(n: number): void
  /** The wire bytes of input `n`. */
  inputOf(n: number): Uint8Array
}

/** Settings that the inputs take turns under; each keeps its cache of outcomes for the whole run. */
const subjects = (): Subject[] => [
  subjectOf({ labels: ['__tenant__'] }),
  subjectOf({ labels: ['__tenant__', 'team'], default: 'fallback', prefix: 'eu-', onInvalid: 'drop' }),
  subjectOf({ labels: ['team', '__tenant__'], keepLabel: true, onMissing: 'drop', deny: ['b', 'team-?'] }),
  subjectOf({ labels: ['__tenant_id__'], allow: ['a*', 'team-*', 'x*'] }),
  subjectOf({ labels: ['__tenant_id__', 'team'], keepLabel: true, default: 'fallback', onInvalid: 'default' }),
]

/** What each protocol's bodies are made of and judged by. */
const protocols = {
  'remote-write-1': { seeds: makeWriteSeeds, check: checkBody },
  'remote-write-2': { seeds: makeRequest2Seeds, check: checkRequest2 },
  loki: { seeds: makePushSeeds, check: checkPush },
} as const satisfies Record<string, { seeds: SeedMaker; check: typeof checkBody }>

export type Protocol = keyof typeof protocols

export const isProtocol = (name: string): name is Protocol => Object.hasOwn(protocols, name)

/** Everything the inputs are made of follows from `seed`; `seedCount` well-formed bodies are what mutations start from. */
export function makeFuzzer(seed: number, protocol: Protocol = 'remote-write-1', seedCount = 600): Fuzzer {
  const subject = subjects()
  const { check } = protocols[protocol]
  const seeds = protocols[protocol].seeds(seed, seedCount, randomOf(seed, -1))
  const tally: Tally = { outcomes: new Map(), mutatedBeforePacking: 0, slowestMs: 0, slowest: 0 }
  const packedFirst = (n: number): boolean => n % 3 === 2

  const make = (n: number, random: Random): Uint8Array => {
    const from = random.pick(seeds)
    const donor = random.pick(seeds).bytes
    if (!packedFirst(n)) return compress(mutate(from, donor, random))
    return mutate(seedOf(compress(from.bytes)), donor, random)
  }

  const run = (n: number): void => {
    const random = randomOf(seed, n)
    const block = make(n, random)
    if (!packedFirst(n)) tally.mutatedBeforePacking++
    const started = performance.now()
    let outcome: string
    try {
      outcome = checkBlock(block, subject[n % subject.length]!, check, random.below(4) === 0)
    } catch (thrown) {
      throw new LawBroken(`input ${n}: ${thrown instanceof Error ? thrown.message : thrown}`, { cause: thrown })
    }
    const tookMs = performance.now() - started
    if (tookMs > tally.slowestMs) {
      tally.slowestMs = tookMs
      tally.slowest = n
    }
    tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1)
  }
  return { tally, run, inputOf: (n) => make(n, randomOf(seed, n)) }
}

/** The whole way of a body through the wire layer: unpack as the letter of the format says, then all laws. */
function checkBlock(block: Uint8Array, subject: Subject, check: typeof checkBody, thorough: boolean): string {
  const expected = unpack(block, maxUnpacked)
  let body: Uint8Array
  try {
    body = uncompress(block, maxUnpacked)
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown
    if ('bytes' in expected) throw new LawBroken(`a sound block is refused: ${thrown.message}`)
    if (thrown.code === 'DECOMPRESSED_TOO_LARGE') return 'claims too much'
    if (thrown.code !== 'BODY_CORRUPT') throw new LawBroken(`snappy refused with ${thrown.code}`)
    const isClaim = thrown.message.includes('cannot unpack')
    if (!isClaim && thrown.offset !== expected.faultAt) {
      throw new LawBroken(`the fault is at byte ${expected.faultAt} of the block, not ${thrown.offset}`)
    }
    return 'bad snappy'
  }
  if (!('bytes' in expected)) throw new LawBroken(`a block with a fault at byte ${expected.faultAt} is unpacked`)
  if (Buffer.compare(body, expected.bytes) !== 0) throw new LawBroken('a block unpacks to something else')
  return check(body, subject, thorough)
}
