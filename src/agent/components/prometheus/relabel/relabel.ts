// prometheus.relabel: rewrites the labels of what passes. New rules take effect between two batches: what is under way
// was relabelled already, and only waits for its answers.

import { maxTimerMs } from '../../../../config/setting-spec.ts'
import type { RelabelRule } from '../../../../relabel/rule.ts'
import type { Receiver } from '../../../flow/receiver.ts'
import { capsuleNames } from '../../../flow/receiver.ts'
import type { ComponentKind, Decoded, Report } from '../../../graph/component.ts'
import { same } from '../../../graph/same-arguments.ts'
import { capsuleValue } from '../../../syntax/make-value.ts'
import { relabelRuleSchema, settleRelabelRule } from '../../relabel-rule.ts'
import { servicesOf } from '../../services.ts'
import { RelabelReceiver } from './relabel-receiver.ts'
import { rulesCapsule } from './rules-capsule.ts'

export interface RelabelArgs {
  readonly forwardTo: readonly Receiver[]
  readonly rules: readonly RelabelRule[]
  readonly cache: CacheSettings
}

export interface CacheSettings {
  readonly maxBytes: number
  /** Series that did not come for so long are forgotten; undefined: only for want of room. */
  readonly ttlMs: number | undefined
}

interface RelabelExports {
  readonly receiver: Receiver
  readonly rules: readonly RelabelRule[]
}

/** A series of 12 labels takes half as much, with its labels before and after: so many come again and again, and stay. */
const bytesPerSeries = 1856
/** Where time is the bound, memory is one too. */
const ttlBytes = 512 << 20
const minute = 60_000

export const relabel: ComponentKind<RelabelArgs, RelabelExports> = {
  name: 'prometheus.relabel',
  doc: 'Relabels series by rules, and hands on what is left of them.',
  stability: 'generally-available',
  schema: {
    attributes: {
      forward_to: { type: 'receivers', signal: 'metrics', required: true, doc: 'Receivers of what is relabelled.' },
      max_cache_size: {
        type: 'integer',
        min: 0,
        max: 100_000_000,
        default: 100_000,
        doc: 'Series whose labels are remembered. Memory is what is bounded: 1.8 KiB for each, taken as series come; at half of it, which is as many with 12 labels, series that come rarely begin to go.',
      },
      cache_ttl: {
        type: 'duration',
        min: 0,
        max: maxTimerMs,
        default: 0,
        doc: 'Instead of `max_cache_size`, which is 0 then: series that did not come for this time (at least 1m) are forgotten; so are the oldest beyond 512 MiB.',
      },
    },
    blocks: { rule: { doc: 'A relabelling rule.', repeated: true, schema: relabelRuleSchema } },
  },
  exports: { receiver: 'Takes series to be relabelled.', rules: 'The rules, for other components.' },
  exportTypes: { receiver: 'metrics' },
  settle(decoded, report) {
    const blocks = decoded.blocks.get('rule') ?? []
    const rules = blocks.map((block) => settleRelabelRule(block, report)).filter((rule) => rule !== undefined)
    const cache = settleCache(decoded, report)
    if (cache === undefined || rules.length < blocks.length) return undefined
    return { forwardTo: decoded.values.get('forward_to') as readonly Receiver[], rules, cache }
  },
  exportsOf: ({ receiver, rules }) =>
    new Map([
      ['receiver', capsuleValue(capsuleNames.metrics, receiver)],
      ['rules', rulesCapsule(rules)],
    ]),
  build(args, context) {
    const receiver = new RelabelReceiver(context.id, context.meter)
    let { rules } = args
    const use = (next: RelabelArgs): void => {
      receiver.use(next)
      // The same list stays the same value: those that read it are not evaluated again.
      if (!same(rules, next.rules)) rules = next.rules
      context.export({ receiver, rules })
    }
    use(args)
    return {
      update: use,
      async stop() {
        receiver.stop()
        servicesOf(context).onComponentGone?.(context.id)
      },
    }
  },
}

function settleCache({ values, spans, span }: Decoded, report: Report): CacheSettings | undefined {
  const size = values.get('max_cache_size') as number
  const ttlMs = values.get('cache_ttl') as number
  const at = (name: string) => spans.get(name) ?? span
  const fail = (name: string, message: string, hint: string): undefined => void report('error', at(name), message, hint)
  if (size > 0 && ttlMs > 0) {
    return fail(
      'cache_ttl',
      'max_cache_size and cache_ttl are mutually exclusive',
      'set max_cache_size = 0, or take cache_ttl out',
    )
  }
  if (size === 0 && ttlMs === 0) {
    return fail('max_cache_size', 'one of max_cache_size or cache_ttl must be set', 'add cache_ttl = "10m"')
  }
  if (ttlMs > 0 && ttlMs < minute) return fail('cache_ttl', 'cache_ttl must be at least 1m', 'write "1m" or more')
  if (ttlMs > 0) return { maxBytes: ttlBytes, ttlMs }
  return { maxBytes: Math.max(1 << 20, Math.ceil(size * bytesPerSeries)), ttlMs: undefined }
}
