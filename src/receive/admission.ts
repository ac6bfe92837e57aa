// Who is let in: so many pushes at a time, so many bytes. A push reserves before it reads and before it unpacks, so
// that the sum of what all senders send never decides how much memory this process takes.

import { type Meter, noMeter } from '../telemetry/meter.ts'

export interface AdmissionOptions {
  /** receive.max_in_flight_bytes. */
  readonly maxBytes: number
  /** ct's `concurrency`: pushes being read or handled; default 512. */
  readonly maxRequests?: number
  readonly meter?: Meter
}

/** One push's share. */
export interface Ticket {
  /** Bytes held. */
  readonly bytes: number
  /**
   * Takes `bytes` more; false: no room, nothing was taken. `isGrowth`: the push is read already and unpacks to more.
   * Then a push that is alone always gets room: refused now, it would be refused for ever.
   */
  take(bytes: number, isGrowth?: boolean): boolean
  giveBack(bytes: number): void
  /** Gives everything back; further calls do nothing. */
  leave(): void
}

export interface Admission {
  readonly maxBytes: number
  readonly usedBytes: number
  readonly requests: number
  /** Lets a push of so many bytes in, or says what there is no room for. */
  enter(bytes: number): Ticket | 'bytes' | 'requests'
}

/** One for all listeners of a process. */
export function createAdmission(options: AdmissionOptions): Admission {
  return new Gate(options)
}

class Gate implements Admission {
  readonly maxBytes: number
  readonly #maxRequests: number
  readonly #bytesGauge
  readonly #requestsGauge
  usedBytes = 0
  requests = 0

  constructor(options: AdmissionOptions) {
    const { maxBytes, maxRequests = 512, meter = noMeter } = options
    this.maxBytes = maxBytes
    this.#maxRequests = maxRequests
    this.#bytesGauge = meter.tally('sluice_in_flight_bytes')
    this.#requestsGauge = meter.tally('sluice_requests_in_flight')
    meter.tally('sluice_in_flight_bytes_limit').value = maxBytes
  }

  enter(bytes: number): Ticket | 'bytes' | 'requests' {
    if (this.requests >= this.#maxRequests) return 'requests'
    if (this.usedBytes + bytes > this.maxBytes) return 'bytes'
    this.change(bytes, 1)
    return new Share(this, bytes)
  }

  change(bytes: number, requests: number): void {
    this.usedBytes += bytes
    this.requests += requests
    this.#bytesGauge.value = this.usedBytes
    this.#requestsGauge.value = this.requests
  }
}

class Share implements Ticket {
  readonly #gate: Gate
  #hasLeft = false
  bytes: number

  constructor(gate: Gate, bytes: number) {
    this.#gate = gate
    this.bytes = bytes
  }

  take(bytes: number, isGrowth = false): boolean {
    if (this.#hasLeft) return false
    const others = this.#gate.usedBytes - this.bytes
    const isAlone = isGrowth && others === 0
    if (!isAlone && this.#gate.usedBytes + bytes > this.#gate.maxBytes) return false
    this.bytes += bytes
    this.#gate.change(bytes, 0)
    return true
  }

  giveBack(bytes: number): void {
    if (this.#hasLeft) return
    this.bytes -= bytes
    this.#gate.change(-bytes, 0)
  }

  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.#gate.change(-this.bytes, -1)
    this.bytes = 0
  }
}
