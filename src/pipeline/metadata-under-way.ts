// Bounds metadata that waits for upstream: where one hangs, or takes long, what more would come goes in place of memory.
// What is too large for a bound goes where nothing else is under way, so that nothing is too large for ever.

export interface MetadataLimits {
  /** Requests of one tenant; default 64. */
  readonly maxRequests?: number
  /** Bytes of one tenant; default 4 MiB. */
  readonly maxTenantBytes?: number
  /** Bytes of all tenants together, those that tenants share counted once; default 32 MiB. */
  readonly maxBytes?: number
}

/** What a request takes beside its body. */
const requestBytes = 512

export class MetadataUnderWay {
  /** Of all tenants together. */
  bytes = 0
  readonly #limits: Required<MetadataLimits>
  readonly #tenants = new Map<string, { requests: number; bytes: number }>()
  /** Body → requests that carry it. */
  readonly #bodies = new Map<Uint8Array, number>()

  constructor(limits: MetadataLimits = {}) {
    this.#limits = { maxRequests: 64, maxTenantBytes: 4 << 20, maxBytes: 32 << 20, ...limits }
  }

  /** A request of the tenant's may begin, and has: `leave` must follow. False: there is no room for it. */
  enter(tenant: string, body: Uint8Array): boolean {
    const { maxRequests, maxTenantBytes, maxBytes } = this.#limits
    const its = this.#tenants.get(tenant) ?? { requests: 0, bytes: 0 }
    const carriers = this.#bodies.get(body) ?? 0
    const more = requestBytes + (carriers === 0 ? body.length : 0)
    if (its.requests > 0 && (its.requests >= maxRequests || its.bytes + body.length > maxTenantBytes)) return false
    if (this.bytes > 0 && this.bytes + more > maxBytes) return false
    its.requests++
    its.bytes += body.length
    this.#tenants.set(tenant, its)
    this.#bodies.set(body, carriers + 1)
    this.bytes += more
    return true
  }

  leave(tenant: string, body: Uint8Array): void {
    const its = this.#tenants.get(tenant)!
    its.bytes -= body.length
    if (--its.requests === 0) this.#tenants.delete(tenant)
    const carriers = this.#bodies.get(body)! - 1
    if (carriers === 0) this.#bodies.delete(body)
    else this.#bodies.set(body, carriers)
    this.bytes -= requestBytes + (carriers === 0 ? body.length : 0)
  }
}
