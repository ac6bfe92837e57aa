// A URL and how it is reached, as an endpoint or an override of it says.

import type { HttpClientSettings } from '../../../config/http-client/http-client-settings.ts'
import { authKeys } from '../../../config/http-client/settle-auth.ts'
import { settlePart } from '../../../config/http-client/settle-http-client.ts'
import { Secret } from '../../../config/secret.ts'
import { isHttpUrl, parseUpstream } from '../../../config/upstream-url.ts'
import type { Report } from '../../graph/component.ts'
import { type FlatRows, placeOf } from './block-of-rows.ts'
import { clientRowsOf } from './client-block.ts'
import { reportClientProblems } from './client-problems.ts'

export interface Upstream {
  /** Without user and password; undefined where none is given. */
  readonly url: string | undefined
  /** What is given of it; user and password of the URL are Basic auth, unless it says how to sign in. */
  readonly client: Partial<HttpClientSettings>
}

/** What is wrong with it is reported. */
export function settleUpstream(flat: FlatRows, report: Report): Upstream {
  const rows = clientRowsOf(flat)
  reportClientProblems(rows, flat, report)
  const written = flat.values.get('url') as string | undefined
  if (written === undefined) return { url: undefined, client: settlePart(rows) }
  if (!isHttpUrl(written)) {
    report('error', placeOf(flat, 'url'), 'the URL needs its scheme, http or https', 'write it in front, as in http://')
  }
  const { url, basicAuth } = parseUpstream(written)
  const client = settlePart(rows)
  if (basicAuth === undefined || authKeys.some((key) => client[key] !== undefined)) return { url, client }
  rows.set('basic_auth.username', basicAuth.username).set('basic_auth.password', new Secret(basicAuth.password))
  return { url, client: settlePart(rows) }
}
