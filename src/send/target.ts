// Where a tenant's parts go and with what: the endpoint's own, or what an override puts in its place.

import { compileGlobs } from '../config/glob.ts'
import { headerBytes } from '../config/header-rules.ts'
import type { QueueConfig } from '../config/queue-settings.ts'
import type { Override, ProtobufMessage, RateLimit } from '../config/tenancy-settings.ts'
import type { Withheld } from '../wire/codec.ts'
import type { Send } from '../wire/message.ts'

/** Everything about one tenant's requests that does not change from one to the next. */
export interface Target {
  readonly url: string
  /** Complete but for those of the protocol, the tenant header and what travels with the push; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly rateLimit: RateLimit
  /** In place of the endpoint's. */
  readonly send?: Send
  /** In place of the endpoint's queue_config. */
  readonly queue?: QueueConfig
  /** What of its series does not go; absent: they go as they came. */
  readonly withheld?: Withheld
  /** The form of remote write that it is sent; absent: the one in which a push came. Without effect on logs. */
  readonly protobufMessage?: ProtobufMessage
}

/**
 * Makes the function from tenant to target; the first override whose globs match the final id wins. `sendOf` gives an
 * override's own way to send.
 */
export function compileTargets(
  base: Target,
  overrides: readonly Override[],
  sendOf: (override: Override) => Send | undefined,
): (tenant: string) => Target {
  const rules = overrides.map((override) => ({
    matches: compileGlobs(override.tenants),
    target: overridden(base, override, sendOf(override)),
  }))
  return (tenant) => rules.find((rule) => rule.matches(tenant))?.target ?? base
}

function overridden(base: Target, override: Override, send: Send | undefined): Target {
  const { headers = {} } = override
  const { sendExemplars = !base.withheld?.exemplars, sendNativeHistograms = !base.withheld?.histograms } = override
  const { withheld: _, ...rest } = base
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), headerBytes(value)]),
  )
  return {
    ...rest,
    url: override.url ?? base.url,
    headers: { ...base.headers, ...lower },
    timeoutMs: override.remoteTimeoutMs ?? base.timeoutMs,
    rateLimit: override.rateLimit ?? base.rateLimit,
    ...(send && { send }),
    ...(override.queueConfig && { queue: override.queueConfig }),
    ...(override.protobufMessage && { protobufMessage: override.protobufMessage }),
    ...(sendExemplars && sendNativeHistograms
      ? {}
      : { withheld: { exemplars: !sendExemplars, histograms: !sendNativeHistograms } }),
  }
}
