// A proxy's file, cortex-tenant's or with Sluice's own settings, as a configuration in Alloy's language that finds the
// same tenants and sends to the same place. What can't be said in it is reported in place.

import { parseAddress } from '../../config/address.ts'
import { type Diagnostic, sortDiagnostics } from '../../config/diagnostics.ts'
import { authKeys } from '../../config/http-client/settle-auth.ts'
import { defaultHttpClient } from '../../config/http-client/settle-http-client.ts'
import { type Configuration, loadConfiguration } from '../../config/load.ts'
import { clientRows, resolveCaBundle } from '../../config/proxy-client.ts'
import { type ProxySettings, resolveProxySettings, type SignalSettings } from '../../config/proxy-settings.ts'
import { queueConfigFields } from '../../config/queue-fields.ts'
import { readFile } from '../../config/read-file.ts'
import { Secret } from '../../config/secret.ts'
import type { SettingValue } from '../../config/setting-spec.ts'
import { type SettingPath, settingPaths, specOf } from '../../config/settings.ts'
import { RESERVED_LABEL } from '../../wire/codec.ts'
import { messages } from '../../wire/content-type.ts'
import { goQuoted } from '../syntax/go-quote.ts'
import { blockOfTexts, fileText, type MadeBlock } from './block-text.ts'
import { clientTexts } from './client-texts.ts'
import { type NotCarried, notCarried } from './not-carried.ts'
import { tenancyBlockOf } from './tenancy-rows.ts'
import { durationText, Reveal, valueText } from './value-text.ts'

export interface ConvertOptions {
  /** Secrets as they are, not masked. */
  readonly showSecrets?: boolean
}

export interface Converted {
  /** The conversion; undefined where the source can't be read. */
  readonly text: string | undefined
  /** Problems of the source, and what the conversion lacks. */
  readonly diagnostics: readonly Diagnostic[]
  /** Secrets were masked. */
  readonly hasMasked: boolean
}

/** `name`: what diagnostics call the file. Variables and flags are not looked at. Never throws. */
export function convertCortexTenant(name: string, text: string, options: ConvertOptions = {}): Converted {
  const loaded = loadConfiguration({ file: { name, text } })
  if (!loaded.ok) return { text: undefined, diagnostics: loaded.diagnostics, hasMasked: false }
  const conversion = new Conversion(loaded.configuration, name, text, new Reveal(options.showSecrets === true))
  const converted = conversion.blocks()
  const { diagnostics, reveal } = conversion
  return {
    text: fileText(converted),
    diagnostics: sortDiagnostics([...loaded.diagnostics, ...diagnostics]),
    hasMasked: reveal.hasMasked,
  }
}

type Said = Pick<Diagnostic, 'severity' | 'message' | 'hint'>

/** Rows of the queue → arguments of loki.write. */
const lokiQueueRows: Readonly<Record<string, string>> = {
  min_shards: 'queue_config.min_shards',
  batch_send_deadline: 'batch_wait',
  min_backoff: 'min_backoff_period',
  max_backoff: 'max_backoff_period',
  retry_on_http_429: 'retry_on_http_429',
}

const levels: Readonly<Record<string, string>> = { panic: 'error', fatal: 'error', trace: 'debug' }

class Conversion {
  readonly diagnostics: Diagnostic[] = []
  readonly reveal: Reveal
  readonly #configuration: Configuration
  readonly #proxy: ProxySettings
  readonly #at: ReturnType<typeof readFile>['at']

  constructor(configuration: Configuration, name: string, text: string, reveal: Reveal) {
    this.#configuration = configuration
    this.#proxy = resolveProxySettings(configuration.settings)
    this.#at = readFile(name, text).at
    this.reveal = reveal
  }

  blocks(): readonly MadeBlock[] {
    const { settings } = this.#configuration
    for (const path of settingPaths) {
      const note = notCarried[path]
      if (note === undefined || !this.#isWritten(path) || isHarmless(path, settings[path], note)) continue
      const { severity, message, hint } = note
      this.#say(path, { severity, message: `\`${path}\` is not carried: ${message}`, hint })
    }
    const hasLogs = this.#isWritten('target_loki')
    const hasMetrics = this.#isWritten('target') || !hasLogs
    const level = settings.log_level
    return [
      { name: 'logging', attributes: { level: goQuoted(levels[level] ?? level) } },
      ...(hasMetrics ? this.#metrics() : []),
      ...(hasLogs ? this.#logs(hasMetrics) : []),
    ]
  }

  #metrics(): readonly MadeBlock[] {
    const { metrics, listen } = this.#proxy
    const path: Said = {
      severity: 'warning',
      message: 'prometheus.receive_http takes pushes at /api/v1/metrics/write only',
      hint: `let senders push to http://${listen}/api/v1/metrics/write`,
    }
    this.#say('listen', path)
    if (metrics.tenancy.override.some(({ protobufMessage }) => protobufMessage === messages['remote-write-2'])) {
      this.#say('tenancy.override', {
        severity: 'warning',
        message: 'remote write 2.0 is experimental in the agent',
        hint: 'start it with --stability.level=experimental',
      })
    }
    const trusts = metrics.tenancy.labels.includes(RESERVED_LABEL)
    return [
      {
        ...{ name: 'prometheus.receive_http', label: 'default' },
        attributes: {
          ...(trusts && { trust_tenant_label: 'true' }),
          forward_to: '[prometheus.remote_write.default.receiver]',
        },
        blocks: [this.#http(0)],
      },
      { name: 'prometheus.remote_write', label: 'default', blocks: [this.#endpoint('metrics', metrics)] },
    ]
  }

  #logs(hasMetrics: boolean): readonly MadeBlock[] {
    const { logs, listen } = this.#proxy
    const address = parseAddress(listen)
    const port = (address?.port ?? 0) + (hasMetrics ? 1 : 0)
    this.#say('target_loki', {
      severity: 'warning',
      message: hasMetrics
        ? `logs get a listener of their own, at port ${port}`
        : 'loki.source.api takes pushes at /loki/api/v1/push and /api/v1/push only',
      hint: `let senders push to port ${port}, path /loki/api/v1/push; or choose another in the block \`http\``,
    })
    const internal = logs.tenancy.labels.filter((label) => label.startsWith('__') && label !== RESERVED_LABEL)
    if (internal.length > 0) {
      this.#say(this.#labelPath(), {
        severity: 'error',
        message: `loki.source.api removes labels that begin with __, ${internal.join(', ')} too`,
        hint: 'let senders of logs name the tenant in another label',
      })
    }
    const trusts = logs.tenancy.labels.includes(RESERVED_LABEL)
    return [
      {
        ...{ name: 'loki.source.api', label: 'default' },
        attributes: {
          use_incoming_timestamp: 'true',
          ...(trusts && { trust_tenant_label: 'true', tenant_from_header: '""' }),
          forward_to: '[loki.write.default.receiver]',
        },
        blocks: [this.#http(hasMetrics ? 1 : 0)],
      },
      { name: 'loki.write', label: 'default', blocks: [this.#endpoint('logs', logs)] },
    ]
  }

  /** The listener, so many ports further. */
  #http(further: number): MadeBlock {
    const { listen, ingress } = this.#proxy
    const { host, port } = parseAddress(listen) ?? { host: '', port: 0 }
    const tls = ingress.tls
    return {
      name: 'http',
      attributes: {
        listen_address: goQuoted(host),
        listen_port: String(port === 0 ? 0 : port + further),
        server_read_timeout: durationText(ingress.timeoutMs),
        server_idle_timeout: durationText(ingress.idleTimeoutMs),
      },
      blocks:
        tls === undefined
          ? []
          : [{ name: 'tls', attributes: { cert_file: goQuoted(tls.certFile), key_file: goQuoted(tls.keyFile) } }],
    }
  }

  #endpoint(signal: 'metrics' | 'logs', { upstream, tenancy }: SignalSettings): MadeBlock {
    const isMetrics = signal === 'metrics'
    const rows = this.#clientRows(signal, upstream.basicAuth)
    const texts = new Map<string, string | undefined>([
      ['url', goQuoted(this.reveal.url(upstream.url))],
      ['remote_timeout', durationText(this.#proxy.egress.timeoutMs)],
      // Whatever senders give is passed on; Alloy keeps these back.
      ...(isMetrics ? ([['send_native_histograms', 'true']] as const) : []),
    ])
    for (const [path, text] of clientTexts(rows, this.reveal, (lost) => this.#lost(`client.${lost}` as SettingPath))) {
      texts.set(path, text)
    }
    if (tenancy.keepLabel && tenancy.labels.includes(RESERVED_LABEL)) {
      this.#say(this.#labelPath(), {
        severity: 'warning',
        message: `${RESERVED_LABEL} never leaves an agent, though labels are kept`,
        hint: 'take another label if upstream needs it',
      })
    }
    const lost = (index: number, path: string): void => this.#lost('tenancy.override', `${index}.${path}`)
    for (const [path, text] of this.#queueTexts(signal)) texts.set(path, text)
    return blockOfTexts('endpoint', texts, [tenancyBlockOf(tenancy, this.reveal, lost)])
  }

  /** The client's rows as one block has them: ct's keys and the URL's user are in them, Alloy's defaults are not. */
  #clientRows(signal: 'metrics' | 'logs', user: SignalSettings['upstream']['basicAuth']): Map<string, SettingValue> {
    const { settings } = this.#configuration
    const isAuth = new RegExp(`^(${authKeys.map(snake).join('|')}|bearer_token)`)
    const rows = new Map<string, SettingValue>()
    for (const [path, value] of clientRows(settings)) {
      const usual = {
        follow_redirects: 'followRedirects',
        enable_http2: 'enableHttp2',
        round_robin_dns: 'roundRobinDns',
      }[path]
      // loki.write speaks HTTP/2 unless told otherwise, prometheus.remote_write only if it is told to.
      const isUsual = usual !== undefined && defaultHttpClient[usual as 'enableHttp2'] === value
      if (isUsual ? signal === 'metrics' || path !== 'enable_http2' : signal === 'logs' && path === 'enable_http2')
        continue
      if (user !== undefined && isAuth.test(path)) continue
      if (signal === 'logs' && /^(sigv4|azuread|google_iam)\b/.test(path)) this.#lost(`client.${path}` as SettingPath)
      else rows.set(path, value)
    }
    if (user !== undefined) {
      rows.set('basic_auth.username', user.username).set('basic_auth.password', new Secret(user.password))
    }
    const bundle = resolveCaBundle(settings)
    if (bundle !== undefined) rows.set('tls_config.ca_file', bundle)
    return rows
  }

  /** What is written of the queue, by the endpoint's names for it. */
  #queueTexts(signal: 'metrics' | 'logs'): ReadonlyMap<string, string> {
    const { settings } = this.#configuration
    const texts = new Map<string, string>()
    for (const [name, spec] of Object.entries(queueConfigFields)) {
      const path = `queue.${name}` as SettingPath
      if (!this.#isWritten(path)) continue
      const row = signal === 'metrics' ? `queue_config.${name}` : lokiQueueRows[name]
      if (row !== undefined) texts.set(row, valueText(spec, settings[path] as SettingValue, this.reveal))
      else {
        const message = `\`${path}\` is not carried to loki.write, which has no such argument`
        this.#say(path, { severity: 'warning', message, hint: 'write it in an `override` for all tenants, ["*"]' })
      }
    }
    return texts
  }

  #lost(path: SettingPath, part?: string): void {
    const name = part === undefined ? path : `${path}.${part}`
    const hint = /_file$|http_headers$/.test(name)
      ? 'read the file with local.file, and write its `content` here'
      : 'say it in another way, or take it out'
    this.#say(path, { severity: 'error', message: `\`${name}\` has no counterpart in Alloy’s syntax`, hint }, part)
  }

  /** The setting that the tenant labels come from. */
  #labelPath(): SettingPath {
    const paths = ['tenancy.labels', 'tenant.label_list'] as const
    return paths.find((path) => this.#isWritten(path)) ?? 'tenant.label'
  }

  #isWritten(path: SettingPath): boolean {
    return this.#configuration.origin(path).kind === 'file'
  }

  #say(path: SettingPath, said: Said, part?: string): void {
    const { position, parts } = this.#configuration.origin(path)
    const span = (part === undefined ? undefined : parts?.get(part)) ?? position?.span
    this.diagnostics.push(span === undefined ? { ...said, name: path } : { ...said, ...this.#at(span) })
  }
}

/** An address is said to be lost wherever it is. */
function isHarmless(path: SettingPath, value: unknown, { harmless }: NotCarried): boolean {
  const spec = specOf(path)
  return value === harmless || (spec.type !== 'address' && 'default' in spec && value === spec.default)
}

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
