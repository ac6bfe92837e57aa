// A queue whose members may leave from the middle or come in at the front, each in constant time but for the few in front.

export class Waiting<T> {
  /** In order of insertion; members put in front are in `#front`, last put first. */
  readonly #line = new Set<T>()
  readonly #front: T[] = []

  get size(): number {
    return this.#line.size + this.#front.length
  }

  push(member: T): void {
    this.#line.add(member)
  }

  /** Puts it before all others. */
  unshift(member: T): void {
    this.#front.push(member)
  }

  shift(): T | undefined {
    const front = this.#front.pop()
    if (front !== undefined) return front
    for (const first of this.#line) {
      this.#line.delete(first)
      return first
    }
    return undefined
  }

  remove(member: T): void {
    const at = this.#front.indexOf(member)
    if (at >= 0) this.#front.splice(at, 1)
    else this.#line.delete(member)
  }
}
