// `protobuf_message`: the version of remote write that an endpoint is sent.

import type { SettingSpec } from '../../../config/setting-spec.ts'
import type { Stability } from '../../graph/component.ts'

const version1 = 'prometheus.WriteRequest'
const version2 = 'io.prometheus.write.v2.Request'

export const protobufMessageRow = {
  type: 'enum',
  values: [version1, version2],
  exact: 'unknown type for remote write protobuf message ',
  default: version1,
  doc: `Version of remote write that is sent, whatever came in: \`${version1}\` is 1.0; \`${version2}\`, 2.0, needs \`--stability.level=experimental\`. What it can’t carry is counted. Without effect with \`forward_to\`.`,
} as const satisfies SettingSpec

export interface MessageProblem {
  readonly message: string
  readonly hint: string
}

/** Why an endpoint, as people know it, can't be sent this message; undefined if it can. */
export function messageProblem(name: string, endpoint: string, stability: Stability): MessageProblem | undefined {
  if (name !== version2 || stability === 'experimental') return undefined
  const message = `using remote write v2 (protobuf_message=${name}) with endpoint ${endpoint} requires setting the stability.level flag to experimental`
  return { message, hint: 'use --stability.level=experimental' }
}
