// The labels of one series while rules change them, as Prometheus' labels.Builder does: what a rule sets goes behind the
// labels that came, an empty value removes, and of a repeated name the first counts.

import type { Label } from '../wire/codec.ts'
import { compareNames } from './label-names.ts'

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
    for (const label of this.#labels) if (label[0] === name) return label[1]
    return ''
  }

  set(name: string, value: string): void {
    const at = this.#labels.findIndex((label, k) => k >= this.#set && label[0] === name)
    if (value !== '' && at >= 0) {
      this.#labels[at] = [name, value]
      return
    }
    this.delete(name)
    if (value !== '') this.#labels.push([name, value])
  }

  delete(name: string): void {
    let kept = 0
    let set = this.#set
    const labels = this.#labels
    for (const [k, label] of labels.entries()) {
      if (label[0] !== name) labels[kept++] = label
      else if (k < this.#set) set--
    }
    labels.length = kept
    this.#set = set
  }

  /** The labels as they are now. */
  all(): readonly Label[] {
    return [...this.#labels]
  }

  /** `original` itself where nothing but the order differs from it; otherwise sorted by name. */
  finish(original: readonly Label[]): readonly Label[] {
    const sorted = this.#labels.sort((a, b) => compareNames(a[0], b[0]))
    if (sorted.length !== original.length) return sorted
    const before = isSorted(original) ? original : original.toSorted((a, b) => compareNames(a[0], b[0]))
    return sorted.every((label, k) => label[0] === before[k]![0] && label[1] === before[k]![1]) ? original : sorted
  }
}

function isSorted(labels: readonly Label[]): boolean {
  for (let k = 1; k < labels.length; k++) if (compareNames(labels[k - 1]![0], labels[k]![0]) > 0) return false
  return true
}
