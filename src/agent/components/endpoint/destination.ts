// Where an endpoint's data goes: to a URL, or to other components.

import { httpClientFields } from '../../../config/http-client/http-client-fields.ts'
import { defaultHttpClient } from '../../../config/http-client/settle-http-client.ts'
import type { ForwardSpec, UpstreamSpec } from '../../flow/endpoint-spec.ts'
import type { Receiver } from '../../flow/receiver.ts'
import type { CapsuleSpec, Report } from '../../graph/component.ts'
import { type FlatRows, placeOf } from './block-of-rows.ts'
import { clientRowsOf } from './client-block.ts'
import { reportClientProblems } from './client-problems.ts'
import { settleUpstream } from './upstream.ts'

export const forwardRow = (signal: Receiver['signal']): CapsuleSpec => ({
  type: 'receivers',
  signal,
  doc: 'Receivers of components that get the data instead of a URL, each tenant’s on its own with its id in `__tenant_id__`. A part is done when all of them have settled it.',
})

/** undefined: neither is given. What is wrong is reported. */
export function settleDestination(flat: FlatRows, report: Report): UpstreamSpec | ForwardSpec | undefined {
  const forwardTo = flat.values.get('forward_to') as unknown as readonly Receiver[] | undefined
  const { url, client } = settleUpstream(flat, report)
  if (forwardTo === undefined) {
    if (url !== undefined) return { url, client: { ...defaultHttpClient, ...client } }
    const hint = 'write where its data goes, or `forward_to` for components instead of a URL'
    return void report('error', flat.span, 'missing required attribute "url"', hint)
  }
  if (url !== undefined) {
    reportBoth(flat, report)
    return undefined
  }
  warnOfClient(flat, report)
  return { forwardTo }
}

/** What excludes each other, in a block of which not all could be read. */
export function reportConflicts(flat: FlatRows, report: Report): void {
  if (flat.spans.has('url') && flat.spans.has('forward_to')) reportBoth(flat, report)
  reportClientProblems(clientRowsOf(flat), flat, (severity, span, message, hint) => {
    if (message.startsWith('at most one of')) report(severity, span, message, hint)
  })
}

function reportBoth(flat: FlatRows, report: Report): void {
  const hint = 'take one of them out; data that goes to both needs two endpoints'
  report('error', placeOf(flat, 'forward_to'), 'url and forward_to exclude each other', hint)
}

/** Warns of what a block says of a URL and how it is reached, where there is none. */
export function warnOfClient({ spans }: FlatRows, report: Report): void {
  for (const [path, span] of spans) {
    if (!isAboutClient(path)) continue
    report('warning', span, `${path} has no effect with forward_to`, 'it is about a URL; take it out')
  }
}

/** An attribute or block, not what is in a block. */
const isAboutClient = (path: string): boolean =>
  !path.includes('.') &&
  ['url', 'protobuf_message', ...Object.keys(httpClientFields)].some(
    (row) => row === path || row.startsWith(`${path}.`),
  )
