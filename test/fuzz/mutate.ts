// Breaks bytes in the ways that senders, networks and attackers do. Bytes in, new bytes out; the input is left alone.

import { concat, lengthField, varint } from '../oracle/encode.ts'
import type { Node } from '../oracle/strict.ts'
import type { Random } from './random.ts'

/** A well-formed body and where its fields lie, for mutations that know the format. */
export interface Seed {
  readonly bytes: Uint8Array
  readonly tree: readonly Node[]
  /** Every field at every level of `tree`. */
  readonly fields: readonly Node[]
}

/** A seed of a body and its top-level fields; no fields for bytes in another format. */
export function seedOf(bytes: Uint8Array, tree: readonly Node[] = []): Seed {
  return { bytes, tree, fields: flatten(tree) }
}

/**
 * Applies one to four mutations; `donor` gives bytes to splice in. Nothing grows beyond `maxBytes`.
 * Where fields are known, a third of the results are framed anew, so that what was changed inside is reached.
 */
export function mutate(seed: Seed, donor: Uint8Array, random: Random, maxBytes = 8192): Uint8Array {
  const way = seed.fields.length === 0 ? 2 : random.below(3)
  let bytes = seed.bytes
  if (way === 0) bytes = mutateWithin(seed, donor, random)
  if (way === 1) bytes = mutateField(seed, random)
  const times = way === 0 ? Math.max(0, random.below(6) - 4) : way === 1 ? random.below(3) : 1 + random.below(3)
  for (let k = 0; k < times; k++) bytes = random.pick(blind)(bytes, random, donor)
  return bytes.length > maxBytes ? bytes.subarray(0, maxBytes) : bytes
}

type Mutation = (bytes: Uint8Array, random: Random, donor: Uint8Array) => Uint8Array

const place = (bytes: Uint8Array, random: Random): number => random.below(bytes.length + 1)

function replace(bytes: Uint8Array, start: number, end: number, by: Uint8Array): Uint8Array {
  return concat(bytes.subarray(0, start), by, bytes.subarray(end))
}

/** Varints where readers go wrong: overlong, over 32 and 64 bits, never ending, lengths that wrap to something small. */
const nastyVarints: readonly Uint8Array[] = [
  varint(0, 9),
  varint(5, 3),
  varint(127),
  varint(128),
  varint(2 ** 31 - 1),
  varint(2 ** 31),
  varint(2 ** 32 - 1),
  varint(2 ** 32),
  varint(2 ** 32 + 2),
  varint(2 ** 53),
  varint(2n ** 63n),
  varint(2n ** 64n - 1n),
  Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 255, 2),
  Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 255, 127),
  new Uint8Array(11).fill(0x80),
  concat(new Uint8Array(10).fill(0x80), Uint8Array.of(0)),
]

const flipBit: Mutation = (bytes, random) => {
  const out = bytes.slice()
  if (out.length > 0) out[random.below(out.length)]! ^= 1 << random.below(8)
  return out
}

const setByte: Mutation = (bytes, random) => {
  const out = bytes.slice()
  if (out.length > 0)
    out[random.below(out.length)] = random.pick([0, 1, 0x0a, 0x12, 0x1a, 0x22, 0x7f, 0x80, 0xff, random.byte()])
  return out
}

const insert: Mutation = (bytes, random) => {
  const at = place(bytes, random)
  return replace(
    bytes,
    at,
    at,
    Uint8Array.from({ length: 1 + random.below(4) }, () => random.byte()),
  )
}

const insertVarint: Mutation = (bytes, random) => {
  const at = place(bytes, random)
  return replace(bytes, at, Math.min(bytes.length, at + random.below(3)), random.pick(nastyVarints))
}

const remove: Mutation = (bytes, random) => {
  const at = place(bytes, random)
  return replace(bytes, at, Math.min(bytes.length, at + 1 + random.below(8)), new Uint8Array(0))
}

const truncate: Mutation = (bytes, random) => bytes.subarray(0, place(bytes, random))

const repeat: Mutation = (bytes, random) => {
  const start = place(bytes, random)
  const end = Math.min(bytes.length, start + 1 + random.below(64))
  return replace(bytes, start, start, bytes.subarray(start, end))
}

const splice: Mutation = (bytes, random, donor) => {
  const from = place(donor, random)
  const at = place(bytes, random)
  return replace(
    bytes,
    at,
    Math.min(bytes.length, at + random.below(32)),
    donor.subarray(from, from + random.below(64)),
  )
}

const blind: readonly Mutation[] = [flipBit, flipBit, setByte, insert, insertVarint, remove, truncate, repeat, splice]

/** Tampers with one field as a whole: its length, its wire type, its being there, once or twice, here or elsewhere. */
function mutateField(seed: Seed, random: Random): Uint8Array {
  const { bytes } = seed
  const field = random.pick(seed.fields)
  const whole = bytes.subarray(field.start, field.end)
  const out = bytes.slice()
  switch (random.below(8)) {
    case 0:
      out[field.inner - 1]! += random.pick([1, 2, 255, 254, 16, 240])
      return out
    case 1:
      out[field.inner - 1] = random.byte()
      return out
    case 2:
      return replace(bytes, Math.max(field.start, field.inner - 1), field.inner, random.pick(nastyVarints))
    case 3:
      out[field.start]! ^= 1 + random.below(7)
      return out
    case 4:
      out[field.start] = random.pick([0x08, 0x09, 0x0a, 0x12, 0x1a, 0x22, 0x2a])
      return out
    case 5:
      return replace(bytes, field.start, field.end, new Uint8Array(0))
    case 6:
      return replace(bytes, field.end, field.end, whole)
    default:
      return replace(bytes, random.pick(seed.fields).start, field.start, whole)
  }
}

/** Changes one field, and writes the lengths of all messages around it to match. */
function mutateWithin(seed: Seed, donor: Uint8Array, random: Random): Uint8Array {
  const target = random.pick(seed.fields)
  const whole = seed.bytes.subarray(target.start, target.end)
  const head = seed.bytes.subarray(target.start, target.inner)
  const content = seed.bytes.subarray(target.inner, target.end)
  const isFramed = (head.at(0)! & 7) === 2
  const changed = (): Uint8Array => {
    const other = random.pick(blind)(content, random, donor)
    return isFramed ? lengthField(target.number, other) : concat(head, other)
  }
  const instead = [
    changed,
    changed,
    changed,
    () => concat(whole, whole),
    () => concat(whole, changed()),
    () => concat(),
  ]
  return rebuild(seed.bytes, seed.tree, target, random.pick(instead)())
}

function rebuild(bytes: Uint8Array, fields: readonly Node[], target: Node, instead: Uint8Array): Uint8Array {
  return concat(
    ...fields.map((field) => {
      if (field === target) return instead
      const isAround = field.start < target.start && field.end >= target.end
      if (!isAround) return bytes.subarray(field.start, field.end)
      return lengthField(field.number, rebuild(bytes, field.children, target, instead))
    }),
  )
}

/** Every field of a tree. */
function flatten(fields: readonly Node[]): Node[] {
  return fields.flatMap((field) => [field, ...flatten(field.children)])
}
