// What becomes of the labels of streams that are pushed, in Alloy's order (loki.source.api, routes.go): labels of the
// configuration, relabelling rules, every label that begins with `__` goes, and the tenant is set.

import { LRUCache } from 'lru-cache'
import { RelabelStage, type RelabelStageOptions } from '../../../../relabel/relabel-stage.ts'
import type { RelabelRule } from '../../../../relabel/rule.ts'
import { completeRule } from '../../../../relabel/written-rule.ts'
import type { Batch } from '../../../../wire/batch.ts'
import { RESERVED_LABEL } from '../../../../wire/codec.ts'
import { dropInternalLabels } from '../../internal-labels.ts'

export interface StreamLabelOptions {
  /** Set on every stream; '' takes one off. */
  readonly labels: ReadonlyMap<string, string>
  readonly rules: readonly RelabelRule[]
  /** `__tenant_id__` stays where no other is set. */
  readonly keepsTenant: boolean
}

/** Tenants whose streams are remembered, and how much of each. */
const mostStages = 64
const stageBytes = 4 << 20

export class StreamLabels {
  readonly #options: StreamLabelOptions
  readonly #onDropped: NonNullable<RelabelStageOptions['onDropped']>
  /** By tenant; '' for none. */
  readonly #stages = new LRUCache<string, RelabelStage>({ max: mostStages })

  constructor(options: StreamLabelOptions, onDropped: NonNullable<RelabelStageOptions['onDropped']>) {
    this.#options = options
    this.#onDropped = onDropped
  }

  /** Its bytes are valid until the next call. */
  apply(batch: Batch, tenant: string | undefined): Batch {
    let stage = this.#stages.get(tenant ?? '')
    if (stage === undefined) {
      stage = new RelabelStage(streamRules(this.#options, tenant), {
        cacheBytes: stageBytes,
        onDropped: this.#onDropped,
      })
      this.#stages.set(tenant ?? '', stage)
    }
    return stage.apply(batch)
  }
}

/** All of it as rules, for streams of this tenant; those of `labels` first. */
export function streamRules(
  { labels, rules, keepsTenant }: StreamLabelOptions,
  tenant: string | undefined,
): RelabelRule[] {
  return [
    ...[...labels].map(([name, value]) => setting(name, value)),
    ...rules,
    dropInternalLabels(keepsTenant && tenant === undefined ? [RESERVED_LABEL] : []),
    ...(tenant === undefined ? [] : [setting(RESERVED_LABEL, tenant)]),
  ]
}

const setting = (targetLabel: string, value: string): RelabelRule =>
  completeRule({ action: 'replace', targetLabel, replacement: value.replaceAll('$', '$$$$') })
