// Remote write 2 by the letter: the series of a body with their references resolved, and what is wrong with its symbol
// table. Read from the strict reader's fields, the plain way.

import { law } from './acceptance.ts'
import { latin1, type PlainLabel } from './split.ts'
import type { Node } from './strict.ts'

/** A series without a number in it: two of them are the same series if and only if they are equal. */
export interface PlainSeries {
  readonly node: Node
  /** undefined: a reference leads nowhere, or lacks its partner. */
  readonly content: PlainContent | undefined
}

export interface PlainContent {
  readonly labels: readonly PlainLabel[]
  /** Every other field in its order: bytes as latin1, references as what they refer to. */
  readonly rest: readonly unknown[]
}

export interface PlainRequest {
  readonly symbols: readonly string[]
  readonly series: readonly PlainSeries[]
  /** Every reference there is. */
  readonly refs: readonly number[]
  readonly unknown: Uint8Array
}

/** Reads a body that the strict reader found well formed. */
export function readPlainly(body: Uint8Array, fields: readonly Node[]): PlainRequest {
  const refs: number[] = []
  const symbols = fields.filter(({ number }) => number === 4).map(({ inner, end }) => latin1(body.subarray(inner, end)))
  const bytesOf = ({ start, end }: Node): string => latin1(body.subarray(start, end))

  const read = (node: Node): number[] => {
    const found: number[] = []
    for (let p = node.inner; p < node.end; ) {
      let value = 0n
      let shift = 0n
      for (; body[p]! >= 0x80; p++, shift += 7n) value |= BigInt(body[p]! & 0x7f) << shift
      value |= BigInt(body[p++]!) << shift
      found.push(Number(value))
    }
    refs.push(...found)
    return found
  }
  const labelsOf = (nodes: readonly Node[]): PlainLabel[] | undefined => {
    const all = nodes.filter(({ number }) => number === 1).flatMap(read)
    if (all.length % 2 !== 0 || all.some((ref) => ref >= symbols.length)) return undefined
    return Array.from({ length: all.length / 2 }, (_, k) => ({
      name: symbols[all[2 * k]!]!,
      value: symbols[all[2 * k + 1]!]!,
    }))
  }
  const contentOf = (node: Node): PlainContent | undefined => {
    let isSound = true
    const labels = labelsOf(node.children)
    const rest = node.children
      .filter(({ number }) => number !== 1)
      .map((field) => {
        if (field.number === 4) {
          const own = labelsOf(field.children)
          isSound &&= own !== undefined
          return ['exemplar', own, field.children.filter(({ number }) => number !== 1).map(bytesOf)]
        }
        if (field.number !== 5) return bytesOf(field)
        const parts = field.children.map((child) => {
          if (child.number !== 3 && child.number !== 4) return bytesOf(child)
          const symbol = symbols[read(child)[0]!]
          isSound &&= symbol !== undefined
          return [child.number, symbol]
        })
        return ['metadata', parts]
      })
    return labels === undefined || !isSound ? undefined : { labels, rest }
  }
  return {
    symbols,
    series: fields.filter(({ number }) => number === 5).map((node) => ({ node, content: contentOf(node) })),
    refs,
    unknown: Buffer.concat(
      fields.filter(({ number }) => number !== 4 && number !== 5).map(({ start, end }) => body.subarray(start, end)),
    ),
  }
}

/** What the specification demands of a sender's table, and more: in front, "" first, no text twice, none unused. */
export function tableIsSound({ symbols, refs }: PlainRequest, fields: readonly Node[]): void {
  law(symbols[0] === '', 'the table does not begin with the empty string')
  law(new Set(symbols).size === symbols.length, 'a symbol is there twice')
  law(
    refs.every((ref) => ref < symbols.length),
    'a reference leads nowhere',
  )
  const used = new Set([0, ...refs])
  law(used.size === symbols.length, `${symbols.length - used.size} symbols are unused`)
  const numbers = fields.map(({ number }) => number)
  law(numbers.lastIndexOf(4) === symbols.length - 1, 'something stands before the table, or in it')
}
