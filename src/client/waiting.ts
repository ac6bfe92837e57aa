// A queue whose members may leave from the middle, each in constant time.

export class Waiting<T> {
  readonly #line = new Set<T>()

  get size(): number {
    return this.#line.size
  }

  push(member: T): void {
    this.#line.add(member)
  }

  shift(): T | undefined {
    for (const first of this.#line) {
      this.#line.delete(first)
      return first
    }
    return undefined
  }

  remove(member: T): void {
    this.#line.delete(member)
  }
}
