// prometheus/common's own test files: good ones load, bad ones fail with its text.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadHttpClientFile, loadTlsConfig } from './load-http-client.ts'

const folder = join(process.env.SLUICE_CORPUS ?? '../shared/corpus', 'http-client-config')
const files = existsSync(folder) ? readdirSync(folder) : []

/** The text that Prometheus fails with; '' where the file is valid. */
const verdicts: Readonly<Record<string, string>> = {
  'http.conf.auth-creds-no-basic.bad.yaml': 'authorization type cannot be set to "basic", use "basic_auth" instead',
  'http.conf.basic-auth-and-auth-creds.too-much.bad.yaml':
    'at most one of basic_auth, oauth2 & authorization must be configured',
  'http.conf.basic-auth.bad-username.yaml':
    'at most one of basic_auth username, username_file & username_ref must be configured',
  'http.conf.basic-auth.no-password.yaml': '',
  'http.conf.basic-auth.no-username.yaml': '',
  'http.conf.bearer-token-and-file-set.bad.yml': 'at most one of bearer_token & bearer_token_file must be configured',
  'http.conf.empty.bad.yml': 'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured',
  'http.conf.headers-reserved.bad.yaml': 'setting header "User-Agent" is not allowed',
  'http.conf.headers.good.yaml': '',
  // Bad only when a request is sent: the file that it names does not exist.
  'http.conf.invalid-bearer-token-file.bad.yml': '',
  'http.conf.mix-bearer-and-creds.bad.yaml': 'authorization is not compatible with bearer_token & bearer_token_file',
  'http.conf.oauth2-certificate-and-file-set.bad.yml':
    'at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref must be configured using grant-type=urn:ietf:params:oauth:grant-type:jwt-bearer',
  'http.conf.oauth2-no-client-id.bad.yaml': 'oauth2 client_id must be configured',
  'http.conf.oauth2-no-token-url.bad.yaml': 'oauth2 token_url must be configured',
  'http.conf.oauth2-proxy.good.yml': '',
  'http.conf.oauth2-secret-and-file-set.bad.yml':
    'at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials',
  'http.conf.proxy-from-env.bad.yaml': 'if proxy_from_environment is configured, proxy_url must not be configured',
  'http.conf.proxy-headers.bad.json':
    'if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured',
  'http.conf.proxy-headers.good.yml': '',
  'tls_config.empty.good.json': '',
  'tls_config.empty.good.yml': '',
  'tls_config.insecure.good.json': '',
  'tls_config.insecure.good.yml': '',
  'tls_config.invalid_field.bad.yml': 'unknown key "something_invalid"',
  'tls_config.key_no_cert.bad.yml':
    'exactly one of cert or cert_file must be configured when a client key is configured',
  'tls_config.max_and_min_version.bad.yml':
    'tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified',
  'tls_config.max_and_min_version.good.yml': '',
  'tls_config.max_and_min_version_same.good.json': '',
  'tls_config.max_version.good.json': '',
  'tls_config.max_version.good.yml': '',
  'tls_config.tlsversion.good.json': '',
}

test.skipIf(files.length === 0)('every file has a verdict', () => {
  expect(files.toSorted()).toEqual(Object.keys(verdicts).toSorted())
})

test.skipIf(files.length === 0).each(files)('%s', (name) => {
  const load = name.startsWith('tls_config') ? loadTlsConfig : loadHttpClientFile
  const loaded = load({ name, text: readFileSync(join(folder, name), 'utf8') })
  expect(loaded.diagnostics[0]?.message ?? '').toBe(verdicts[name])
  expect(loaded.ok).toBe(verdicts[name] === '')
})

const prometheus = join(folder, '../prometheus-config')

/** The client's part of the first entry of a list in one of Prometheus's own files. */
const refused = (file: string, list: string, names: readonly string[], message: string) => {
  const config = parse(readFileSync(join(prometheus, file), 'utf8')) as Record<string, Record<string, unknown>[]>
  const entry = config[list]?.[0] ?? {}
  const part = Object.fromEntries(names.map((name) => [name, entry[name]]))
  const loaded = loadHttpClientFile({ name: file, text: JSON.stringify(part) })
  expect(loaded.diagnostics.map((diagnostic) => diagnostic.message)).toEqual([message])
}

test.skipIf(!existsSync(prometheus))('what Prometheus refuses of its own configuration', () => {
  refused(
    'remote_write_header.bad.yml',
    'remote_write',
    ['headers'],
    'x-prometheus-remote-write-version is a reserved header. It must not be changed',
  )
  refused(
    'bearertoken_basicauth.bad.yml',
    'scrape_configs',
    ['bearer_token', 'basic_auth'],
    'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured',
  )
})
