// `accepted_remote_write_protobuf_messages`: which remote writes senders may use. 2.0 is experimental, as in Alloy.

import { everyRemoteWrite, type RemoteWrite } from '../../../../receive/content.ts'
import { messages } from '../../../../wire/content-type.ts'
import type { AttributeSpec, Decoded, Report, SettleContext } from '../../../graph/component.ts'

const name = 'accepted_remote_write_protobuf_messages'
const [message1, message2] = [messages['remote-write-1'], messages['remote-write-2']]

export const acceptedMessagesRow: AttributeSpec = {
  type: 'list',
  of: 'text',
  minItems: 1,
  default: [message1],
  doc: `Messages that senders may send: \`${message1}\` is remote write 1.0; \`${message2}\`, 2.0, needs \`--stability.level=experimental\`. Others are answered 415.`,
}

/** undefined where one can't be taken; why is reported. */
export function settleAcceptedMessages(
  { values, spans, span }: Decoded,
  report: Report,
  { stability }: SettleContext,
): readonly RemoteWrite[] | undefined {
  const written = values.get(name) as readonly string[]
  const at = spans.get(name) ?? span
  let isFine = true
  const refuse = (text: string, hint: string): void => {
    isFine = false
    report('error', at, text, hint)
  }
  for (const message of written) {
    if (message === message1) continue
    if (message !== message2) {
      const text = `unsupported protocol version "${message}": valid values are "${message1}" and "${message2}"`
      refuse(text, `write ["${message1}"], or both`)
    } else if (stability !== 'experimental') {
      const text = `using "${message2}" in supported_protocol_versions is an experimental feature, and must be enabled by setting the stability.level flag to experimental`
      refuse(text, 'use --stability.level=experimental')
    }
  }
  return isFine ? everyRemoteWrite.filter((each) => written.includes(messages[each])) : undefined
}
