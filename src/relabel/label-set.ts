// The labels of one series while rules change them, as Prometheus' labels.Builder does: what a rule sets goes behind the
// labels that came, an empty value removes, and of a repeated name the first counts.

import { byBytes } from '../config/byte-order.ts'
import type { Label } from '../wire/codec.ts'

export class LabelSet {
  #labels: Label[] = []
  /** From here on, labels that rules have set. */
  #set = 0

  /** Begins with these labels; those without a value are as good as absent, and hide others of their name. */
  begin(labels: readonly Label[]): void {
    this.#labels = [...labels]
    this.#set = labels.length
    for (const [name, value] of labels) if (value === '') this.delete(name)
  }

  /** The value, '' where there is none. */
  get(name: string): string {
    const at = this.#firstOf(name)
    return at < 0 ? '' : this.#labels[at]![1]
  }

  set(name: string, value: string): void {
    const labels = this.#labels
    const at = this.#firstOf(name)
    if (value !== '' && at >= this.#set) {
      labels[at] = [name, value]
      return
    }
    if (at >= 0) this.delete(name)
    if (value !== '') labels.push([name, value])
  }

  delete(name: string): void {
    const labels = this.#labels
    let kept = this.#firstOf(name)
    if (kept < 0) return
    let set = this.#set
    for (let k = kept; k < labels.length; k++) {
      const label = labels[k]!
      if (label[0] !== name) labels[kept++] = label
      else if (k < this.#set) set--
    }
    labels.length = kept
    this.#set = set
  }

  /** Place of the first label of that name, or -1. */
  #firstOf(name: string): number {
    const labels = this.#labels
    for (let k = 0; k < labels.length; k++) if (labels[k]![0] === name) return k
    return -1
  }

  /** The labels as they are now. */
  all(): readonly Label[] {
    return [...this.#labels]
  }

  /** `original` itself where nothing but the order differs from it; otherwise sorted by name. */
  finish(original: readonly Label[]): readonly Label[] {
    const sorted = this.#labels.sort((a, b) => byBytes(a[0], b[0]))
    if (sorted.length !== original.length) return sorted
    const before = isSorted(original) ? original : original.toSorted((a, b) => byBytes(a[0], b[0]))
    return sorted.every((label, k) => label[0] === before[k]![0] && label[1] === before[k]![1]) ? original : sorted
  }
}

function isSorted(labels: readonly Label[]): boolean {
  for (let k = 1; k < labels.length; k++) if (byBytes(labels[k - 1]![0], labels[k]![0]) > 0) return false
  return true
}
