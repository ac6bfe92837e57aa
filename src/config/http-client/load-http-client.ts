// An HTTP client's settings from a file's text, YAML or JSON: prometheus/common's http_config with what remote_write
// adds. Any text at all gives settings or diagnostics.

import { type Diagnostic, hasErrors, sortDiagnostics } from '../diagnostics.ts'
import type { SettingSpec, SettingValue } from '../setting-spec.ts'
import type { YamlReader } from '../yaml-reader.ts'
import { yamlReader } from '../yaml-reader.ts'
import { readRows, rowTree } from '../yaml-rows.ts'
import type { ClientProblem } from './client-rule.ts'
import { httpClientFields, tlsFields } from './http-client-fields.ts'
import { checkHttpClient, checkTls } from './http-client-rules.ts'
import type { HttpClientSettings, TlsSettings } from './http-client-settings.ts'
import { settleHttpClient } from './settle-http-client.ts'
import { rowsOf, type SettleOptions, settleTls } from './settle-rows.ts'

export interface HttpClientFile {
  /** What diagnostics call the file. */
  readonly name: string
  readonly text: string
  /** Relative paths in the file start here; Prometheus takes the file's folder. Absent: they are left as they are. */
  readonly directory?: string
}

export type LoadedSettings<S> =
  | { readonly ok: true; readonly settings: S /** Warnings. */; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

type Given = ReadonlyMap<string, SettingValue>

interface Kind<S> {
  readonly fields: Readonly<Record<string, SettingSpec>>
  readonly check: (given: Given, failed: ReadonlySet<string>) => readonly ClientProblem[]
  readonly settle: (given: Given, options: SettleOptions) => S
}

/** What cannot be read comes first, from top to bottom; then what does not go together, in Prometheus's order. */
function load<S>({ name, text, directory }: HttpClientFile, { fields, check, settle }: Kind<S>): LoadedSettings<S> {
  const reader = yamlReader(name, text)
  const { root, problems } = reader.document
  for (const { severity, span, message, hint } of problems) reader.report(severity, span, message, hint)
  const isBroken = problems.some(({ severity }) => severity === 'error')
  const quiet: YamlReader = isBroken ? { ...reader, report: () => undefined } : reader
  const { values, failed, spans } = readRows(quiet, root ?? undefined, rowTree(fields), fields)
  const unread = sortDiagnostics(reader.diagnostics())
  const whole = { start: 0, end: 0 }
  const found = isBroken ? [] : check(values, failed)
  const clashes = found.map(({ path, part, message, hint }): Diagnostic => {
    const span = (part === undefined ? undefined : spans.get(`${path}.${part}`)) ?? spans.get(path) ?? whole
    return { severity: 'error', message, hint, ...reader.excerpt(span) }
  })
  const diagnostics = [...unread, ...clashes]
  if (hasErrors(diagnostics)) return { ok: false, diagnostics }
  return { ok: true, settings: settle(values, directory === undefined ? {} : { directory }), diagnostics }
}

/**
 * The settings of an HTTP client. Defaults are those of remote_write: redirects are followed, HTTP/2 is off.
 * With `directory` every relative path is joined to it, that of `client_certificate_key_file` too (Prometheus forgets
 * it). Never throws.
 */
export const loadHttpClientFile = (file: HttpClientFile): LoadedSettings<HttpClientSettings> =>
  load(file, { fields: httpClientFields, check: checkHttpClient, settle: settleHttpClient })

/** A tls_config alone. Never throws. */
export const loadTlsConfig = (file: HttpClientFile): LoadedSettings<TlsSettings> =>
  load(file, { fields: tlsFields, check: checkTls, settle: (given, options) => settleTls(rowsOf(given, options), '') })
