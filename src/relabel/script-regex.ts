// Patterns that JavaScript's own engine may match: it tries again where RE2 does not, so that only those get it of which
// it is proved that trying again costs no more than a constant for each character.
//
// The proof. A piece that may repeat, or be left out, is settled if what may follow it begins otherwise: giving a
// character back fails at once. One piece of an alternative may be unsettled: if all behind it is short, what is tried
// again for each character it gives back is short; if it repeats only a few times, all behind it is tried so often.

import { type CharSet, charSet, meet, noChar } from './char-set.ts'
import { type Node, parseScript, type Sequence } from './script-pattern.ts'

/** Characters that may stand behind an unsettled piece, or that it may take. */
const short = 64

/** The pattern for whole texts, or undefined: it is for RE2. */
export function scriptRegex(pattern: string): RegExp | undefined {
  const alternatives = parseScript(pattern)
  if (alternatives === undefined || !alternatives.every(isLinear)) return undefined
  return new RegExp(`^(?:${alternatives.map(textOf).join('|')})$`, 'u')
}

/** What a rest of a sequence may begin with, whether it may be empty, its longest text, and how many of it are unsettled. */
interface Rest {
  readonly first: CharSet
  readonly isNullable: boolean
  readonly longest: number
  readonly unsettled: number
}

const end: Rest = { first: noChar, isNullable: true, longest: 0, unsettled: 0 }

const isLinear = (sequence: Sequence): boolean => (restOf(sequence, end)?.unsettled ?? 2) < 2

/** Of the nodes with `behind` after them; undefined where nothing is proved. */
function restOf(nodes: Sequence, behind: Rest): Rest | undefined {
  let rest: Rest | undefined = behind
  for (const node of nodes.toReversed()) rest = rest && ('set' in node ? ofSet(node, rest) : ofGroup(node, rest))
  return rest
}

function ofSet({ set, min, max }: Extract<Node, { set: CharSet }>, behind: Rest): Rest | undefined {
  const isSettled = min === max || !meet(set, behind.first)
  if (!isSettled && max > short && behind.longest > short) return undefined
  return {
    first: min > 0 ? set : charSet([...set, ...behind.first]),
    isNullable: min === 0 && behind.isNullable,
    longest: max + behind.longest,
    unsettled: behind.unsettled + (isSettled ? 0 : 1),
  }
}

function ofGroup(group: Extract<Node, { alternatives: readonly Sequence[] }>, behind: Rest): Rest | undefined {
  const { alternatives, isOptional } = group
  const [only, another] = alternatives
  // As if there were no group.
  if (only !== undefined && another === undefined && !isOptional) return restOf(only, behind)
  const rests: Rest[] = []
  for (const alternative of alternatives) {
    const own = restOf(alternative, end)
    const whole = restOf(alternative, behind)
    // An alternative that may be empty, or of which a part is unsettled, is more than is looked into here.
    if (own === undefined || whole === undefined || own.isNullable || whole.unsettled > behind.unsettled)
      return undefined
    rests.push(whole)
  }
  if (!areApart(alternatives, rests)) return undefined
  const first = charSet(rests.flatMap((rest) => rest.first))
  if (isOptional && meet(first, behind.first)) return undefined
  return {
    first: isOptional ? charSet([...first, ...behind.first]) : first,
    isNullable: isOptional && behind.isNullable,
    longest: Math.max(...rests.map((rest) => rest.longest)),
    unsettled: behind.unsettled,
  }
}

/** No text begins with two of them: each begins otherwise, or they are texts of which none begins with another. */
function areApart(alternatives: readonly Sequence[], rests: readonly Rest[]): boolean {
  const isApart = (k: number, n: number): boolean => {
    if (!meet(rests[k]!.first, rests[n]!.first)) return true
    const [a, b] = [literalOf(alternatives[k]!), literalOf(alternatives[n]!)]
    return a !== undefined && b !== undefined && !a.startsWith(b) && !b.startsWith(a)
  }
  return alternatives.every((_, n) => alternatives.slice(0, n).every((_, k) => isApart(k, n)))
}

function literalOf(sequence: Sequence): string | undefined {
  let text = ''
  for (const node of sequence) {
    if (!('set' in node) || node.min !== node.max || node.set.length !== 1) return undefined
    const [first, last] = node.set[0]!
    if (first !== last) return undefined
    text += String.fromCodePoint(first).repeat(node.min)
  }
  return text
}

const textOf = (sequence: Sequence): string => sequence.map(nodeText).join('')

function nodeText(node: Node): string {
  if ('set' in node) {
    const { set, min, max } = node
    const ranges = set.map(([first, last]) => `${codeText(first)}-${codeText(last)}`).join('')
    return `[${ranges}]{${min},${max === Number.POSITIVE_INFINITY ? '' : max}}`
  }
  const { alternatives, isCapturing, isOptional } = node
  return `(${isCapturing ? '' : '?:'}${alternatives.map(textOf).join('|')})${isOptional ? '?' : ''}`
}

const codeText = (code: number): string => `\\u{${code.toString(16)}}`
