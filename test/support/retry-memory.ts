// The memory of what was answered, with senders that push and an upstream that answers as a test says.

import { type Attempt, Memory, type MemoryOptions, type PushKey } from '../../src/send/remember.ts'
import { createRegistry } from '../../src/telemetry/registry.ts'
import { effectiveStatus, type PartAnswer } from '../../src/tenancy/merge-answers.ts'

/** An answer of upstream's. */
export const answer = (status: number, more: Partial<PartAnswer> = {}): PartAnswer => ({
  tenant: '',
  status,
  answered: true,
  text: '',
  body: new Uint8Array(0),
  contentType: undefined,
  retryAfter: undefined,
  ...more,
})
export const keyOf = (body: string | Uint8Array, ...context: string[]): PushKey => ({
  body: Buffer.from(body as string),
  context: ['1', '/push', ...context],
})

interface Pending {
  readonly tenant: string
  readonly resolve: (answer: PartAnswer) => void
}

/** A memory by a clock that stands still. */
export function startMemory(options: Partial<MemoryOptions> = {}) {
  const clock = { now: 0 }
  const registry = createRegistry({ includeTenant: false, processMetrics: false })
  const memory = new Memory({ meter: registry.meter, now: () => clock.now, ...options })
  const sent: string[] = []
  const pending: Pending[] = []

  /** One push of these tenants whose parts answer as `statuses` say; returns what it was told of each. */
  const push = async (key: PushKey, parts: Record<string, PartAnswer | number>): Promise<PartAnswer[]> => {
    const attempt = memory.begin(key)
    const answers = await Promise.all(
      Object.entries(parts).map(([tenant, told]) =>
        memory.part(attempt, tenant, async () => {
          sent.push(tenant)
          return typeof told === 'number' ? answer(told, { tenant }) : { ...told, tenant }
        }),
      ),
    )
    memory.end(attempt, Math.max(...answers.map(effectiveStatus)))
    return answers
  }
  /** Begins a part that stays out until `pending` is resolved. */
  const hang = (attempt: Attempt, tenant: string): Promise<PartAnswer> =>
    memory.part(attempt, tenant, () => {
      sent.push(tenant)
      return new Promise((resolve) => pending.push({ tenant, resolve }))
    })
  const tally = (name: Parameters<typeof registry.meter.tally>[0]) => registry.meter.tally(name).value
  const entries = () => tally('sluice_retry_memory_entries')
  return { memory, clock, sent, pending, push, hang, tally, entries }
}
