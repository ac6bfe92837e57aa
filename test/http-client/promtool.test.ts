// What promtool says of settings, and what we say: some hundred combinations of keys, drawn the same way every time.
// Of those that the installed version knows, the same ones are good, and bad ones are bad for the same reason.

import { expect } from 'vitest'
import { loadHttpClientFile } from '../../src/config/http-client/load-http-client.ts'
import { testWith } from '../support/peers.ts'
import { promtoolVerdicts, type RemoteWrite } from './prometheus-agent.ts'

/** Keys that promtool looks at, alone and beside each other; the first value of each is the good one. */
const choices: Readonly<Record<string, readonly unknown[]>> = {
  basic_auth: [
    { username: 'u', password: 'p' },
    {},
    { username: 'u', password: 'p', password_file: 'f' },
    { username: 'u', token: 'p' },
    { username: 7 },
    'u:p',
  ],
  authorization: [
    { credentials: 'c' },
    {},
    { type: ' Basic ', credentials: 'c' },
    { type: 'T', credentials: 'c', credentials_file: 'f' },
    { typ: 'T' },
  ],
  bearer_token: ['t'],
  bearer_token_file: ['f', ''],
  oauth2: [
    { client_id: 'i', client_secret: 's', token_url: 'http://t' },
    { client_id: 'i', client_secret: 's', client_secret_file: 'f', token_url: 'http://t' },
    { client_secret: 's', token_url: 'http://t' },
    { client_id: 'i', client_secret: 's' },
    { client_id: 'i', client_secret: 's', token_url: 'http://t', scopes: 'a' },
    { client_id: 'i', client_secret: 's', token_url: 'http://t', scopes: ['a'], endpoint_params: { p: 'q' } },
    { client_id: 'i', client_secret: 's', token_url: 'http://t', tls_config: { cert_file: 'c' } },
    { client_id: 'i', client_secret: 's', token_url: 'http://t', endpoint: {} },
  ],
  sigv4: [{ region: 'r' }, { region: 'r', access_key: 'a' }, { region: 'r', access_key: 'a', secret_key: 's' }],
  tls_config: [
    { ca_file: 'ca', server_name: 'n', insecure_skip_verify: true },
    {},
    { cert_file: 'c' },
    { key_file: 'k' },
    { cert_file: 'c', key_file: 'k', min_version: 'TLS12' },
    { min_version: 'TLS9' },
    { max_version: 'tls12' },
    { insecure_skip_verify: 'maybe' },
    { ca_path: 'c' },
  ],
  proxy_url: ['http://p:1', 'http://u:p@p:1', ''],
  proxy_connect_header: [{ 'X-A': ['v', 'w'] }, {}, { 'X-A': 'v' }],
  follow_redirects: [true, false, 'maybe'],
  enable_http2: [false, true, 2],
  headers: [{ 'X-A': 'v' }, { 'x-amz-date': 'd' }, { AUTHORIZATION: 'v' }, { 'user-agent': 'v' }, ['X-A']],
  nonsense: [1],
}

/** A generator of numbers from 0 to 1 (Park and Miller), so that every run draws the same. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function combinations(count: number): readonly RemoteWrite[] {
  const next = numbers(20_260_101)
  const names = Object.keys(choices)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T
  const alone = Object.entries(choices).flatMap(([name, values]) => values.map((value) => ({ [name]: value })))
  const mixed = Array.from({ length: count }, () => {
    const keys = Array.from({ length: 1 + Math.floor(next() * 4) }, () => pick(names))
    // Half of the values are good ones: else nearly every mixture is bad for the first of many reasons.
    return Object.fromEntries(keys.map((key) => [key, next() < 0.5 ? choices[key]![0] : pick(choices[key]!)]))
  })
  return [{}, ...alone, ...mixed]
}

/** Texts of 2.42 that have changed since, as far as they go. */
const since: Readonly<Record<string, string>> = {
  'at most one of basic_auth password & password_file must be configured':
    'at most one of basic_auth password, password_file & password_ref must be configured',
  'at most one of oauth2 client_secret & client_secret_file must be configured':
    'at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured',
  'if proxy_connect_header is configured proxy_url must also be configured':
    'if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured',
  'at most one of basic_auth, authorization, oauth2, & sigv4 must be configured':
    'at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured',
  'authorization header must be changed via the basic_auth, authorization, oauth2, or sigv4 parameter':
    'authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter',
}

/** promtool takes these, and Prometheus fails when it makes the client. */
const foundLater =
  /^exactly one of (key or key_file|cert or cert_file) must be configured when a client (certificate|key) is configured$/

/** What we have to say where promtool says `theirs`; several where it could not read several keys. */
function wantedTexts(theirs: string): readonly RegExp[] {
  const literally = (text: string) => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const [first = '', ...lines] = theirs.split('\n')
  if (first !== 'yaml: unmarshal errors:') return [literally(since[theirs] ?? theirs)]
  return lines.map((line) => {
    const unknown = / field (\S+) not found in type /.exec(line)?.[1]
    if (unknown !== undefined) return literally(`unknown key "${unknown}"`)
    expect(line).toMatch(/ cannot unmarshal /)
    return /is not a boolean|belongs here/
  })
}

testWith(['prometheus'], 'promtool and we take and refuse the same settings, for the same reason', async () => {
  const all = combinations(600)
  const verdicts = await promtoolVerdicts(all.map((each) => ({ ...each, url: 'http://upstream/' })))
  const counts = { good: 0, bad: 0, later: 0 }
  for (const [k, each] of all.entries()) {
    const loaded = loadHttpClientFile({ name: 'http.yml', text: JSON.stringify(each) })
    const ours = loaded.ok ? [] : loaded.diagnostics.map(({ message }) => message)
    const said = `${JSON.stringify(each)}: ${ours.join('; ') || 'good'}`
    const theirs = verdicts[k]!
    if (theirs === '' && ours.length > 0) {
      counts.later++
      for (const text of ours) expect(text, said).toMatch(foundLater)
      continue
    }
    counts[theirs === '' ? 'good' : 'bad']++
    if (theirs !== '') expect(loaded.ok, `${said}; promtool: ${theirs}`).toBe(false)
    if (theirs !== '') for (const want of wantedTexts(theirs)) expect(ours.join('\n'), said).toMatch(want)
  }
  expect(counts.good).toBeGreaterThan(100)
  expect(counts.bad).toBeGreaterThan(200)
  expect(counts.later).toBeGreaterThan(5)
})
