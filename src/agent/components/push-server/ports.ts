// Who listens in this program. A port goes from the component that has it to the one that wants it, since a load may
// give a component another name, or let two change places. Once a load is through, those that gave theirs take it
// back; where they can't, two components want the same, and the load fails.

import { parseAddress } from '../../../config/address.ts'

export interface PortHolder {
  /** Id of the component. */
  readonly id: string
  /** host:port that it listens on. */
  readonly address: string
  /** Listens no more, from now on; what is under way is finished. */
  giveUp(): void
}

export class Ports {
  readonly #holders = new Set<PortHolder>()
  #last: Promise<unknown> = Promise.resolve()

  /** One after the other: who listens does not change under somebody else's hands. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }

  add(holder: PortHolder): void {
    this.#holders.add(holder)
  }

  delete(holder: PortHolder): void {
    this.#holders.delete(holder)
  }

  /** Those that listen on the address' port, on whichever interface. */
  of(address: string): readonly PortHolder[] {
    const port = parseAddress(address)?.port
    return port === 0 ? [] : [...this.#holders].filter((holder) => parseAddress(holder.address)?.port === port)
  }
}
