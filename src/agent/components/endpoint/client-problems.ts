// What is wrong with how an endpoint reaches its URL: the rules are those of all HTTP clients, the words are Alloy's
// where they differ from Prometheus'.

import type { ClientProblem } from '../../../config/http-client/client-rule.ts'
import { checkHttpClient } from '../../../config/http-client/http-client-rules.ts'
import type { SettingValue } from '../../../config/setting-spec.ts'
import type { Report } from '../../graph/component.ts'
import { type FlatRows, placeOf } from './block-of-rows.ts'
import { alloyPath } from './client-block.ts'

const signIn = 'at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured'

/** How Prometheus' texts begin → Alloy's whole ones. */
const texts: readonly (readonly [prometheus: string, alloy: string])[] = [
  ['at most one of bearer_token & bearer_token_file', signIn],
  ['at most one of basic_auth, oauth2, bearer_token & bearer_token_file', signIn],
  ['authorization is not compatible with bearer_token', signIn],
  ['at most one of basic_auth, oauth2 & authorization', signIn],
  [
    'at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam',
    'at most one of sigv4, azuread, google_iam, basic_auth, oauth2, bearer_token & bearer_token_file must be configured',
  ],
  ['at most one of basic_auth password', 'at most one of basic_auth password & password_file must be configured'],
  ['authorization type cannot be', 'authorization type cannot be set to "basic", use "basic_auth" block instead'],
  [
    'at most one of oauth2 client_secret',
    'at most one of oauth2 client_secret & client_secret_file must be configured',
  ],
  ...(['ca', 'cert', 'key'] as const).map(
    (name) => [`at most one of ${name}`, `at most one of ${name}_pem and ${name}_file must be configured`] as const,
  ),
  [
    'exactly one of key or key_file',
    'exactly one of key_pem or key_file must be configured when a client certificate is configured',
  ],
  [
    'exactly one of cert or cert_file',
    'exactly one of cert_pem or cert_file must be configured when a client key is configured',
  ],
  [
    'must provide a AWS SigV4',
    'must provide an AWS SigV4 access key and secret key if credentials are specified in the SigV4 config',
  ],
]

const alloyText = (message: string): string => texts.find(([start]) => message.startsWith(start))?.[1] ?? message

const alloyHint = (hint: string): string =>
  hint
    .replace(/`[^`]+`/g, (name) => `\`${alloyPath(name.slice(1, -1))}\``)
    .replace('write basic_auth: { username: …, password: … }', 'write basic_auth { … }')

/** Alloy's, which Prometheus hasn't. */
function secretNeeded(rows: ReadonlyMap<string, SettingValue>): readonly ClientProblem[] {
  const isThere = [...rows.keys()].some((path) => path.startsWith('oauth2.'))
  if (!isThere || rows.has('oauth2.client_secret') || rows.has('oauth2.client_secret_file')) return []
  const message = 'either oauth2 client_secret or client_secret_file must be configured'
  return [{ path: 'oauth2', message, hint: 'add one of them' }]
}

/** Reports what is wrong with the client's `rows` of the block that `flat` is of. */
export function reportClientProblems(rows: ReadonlyMap<string, SettingValue>, flat: FlatRows, report: Report): void {
  const said = new Set<string>()
  for (const { path, message, hint } of [...checkHttpClient(rows, new Set()), ...secretNeeded(rows)]) {
    const text = alloyText(message)
    if (said.has(text) && text !== message) continue
    said.add(text)
    report('error', placeOf(flat, alloyPath(path)), text, alloyHint(hint))
  }
}
