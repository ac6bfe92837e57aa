// The settings table, first part: cortex-tenant's 29 keys with its variables, types and defaults. The path of each is
// its place in ct's file.

import { maxTimerMs, type SettingSpec } from './setting-spec.ts'

const maxInt32 = 2 ** 31 - 1
/** Go's longest duration, in milliseconds. */
const maxGoDuration = Math.floor(2 ** 63 / 1e6)
const duration = { type: 'duration', min: 0, max: maxGoDuration } as const

export const ctSettings = {
  listen: {
    type: 'address',
    default: '127.0.0.1:8081',
    ct: { env: 'CT_LISTEN', zeroIsDefault: true },
    restart: true,
    doc: 'Address of the listener that takes pushes and answers `/alive`.',
  },
  listen_pprof: {
    type: 'address',
    optional: true,
    default: '',
    ct: { env: 'CT_LISTEN_PPROF' },
    restart: true,
    doc: 'Accepted so that ct files work; it opens nothing and one log line says so.',
  },
  listen_metrics_address: {
    type: 'address',
    default: '0.0.0.0:9090',
    ct: { env: 'CT_LISTEN_METRICS_ADDRESS', zeroIsDefault: true },
    restart: true,
    doc: 'Address of the listener that serves `/metrics` and nothing else.',
  },
  metrics_include_tenant: {
    type: 'boolean',
    default: false,
    ct: { env: 'CT_METRICS_INCLUDE_TENANT' },
    restart: true,
    doc: 'Histograms carry the tenant label too.',
  },
  target: {
    type: 'url',
    default: '127.0.0.1:9090',
    ct: { env: 'CT_TARGET', zeroIsDefault: true },
    doc: 'Where metrics go; `http://` is put before a URL without scheme, user and password in it mean Basic auth.',
  },
  target_loki: {
    type: 'url',
    default: '127.0.0.1:3100',
    ct: { env: 'CT_TARGET_LOKI', zeroIsDefault: true },
    doc: 'Where logs go; written like `target`.',
  },
  enable_ipv6: {
    type: 'boolean',
    default: false,
    ct: { env: 'CT_ENABLE_IPV6' },
    doc: 'Upstream is looked up and dialled over IPv6 as well as IPv4.',
  },
  log_level: {
    type: 'enum',
    values: ['panic', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'],
    aliases: { warning: 'warn' },
    default: 'warn',
    ct: { env: 'CT_LOG_LEVEL', zeroIsDefault: true },
    doc: 'The least severe level that is logged.',
  },
  timeout: {
    ...duration,
    default: 10_000,
    ct: { env: 'CT_TIMEOUT', zeroIsDefault: true },
    restart: true,
    doc: 'How long reading a request may take, and how long upstream has to answer, the wait for a free connection included.',
  },
  idle_timeout: {
    ...duration,
    default: 60_000,
    ct: { env: 'CT_IDLE_TIMEOUT', zeroIsDefault: true },
    restart: true,
    doc: 'How long a sender’s connection may stay unused before it is closed.',
  },
  timeout_shutdown: {
    ...duration,
    max: maxTimerMs,
    default: 0,
    ct: { env: 'CT_TIMEOUT_SHUTDOWN' },
    doc: 'How long serving goes on after SIGTERM, with `/alive` and `/-/ready` answering 503; at most 24 days.',
  },
  concurrency: {
    type: 'integer',
    min: 0,
    max: maxInt32,
    default: 512,
    ct: { env: 'CT_CONCURRENCY', zeroIsDefault: true },
    restart: true,
    doc: 'Pushes handled at once; more are answered 503 with Retry-After.',
  },
  metadata: {
    type: 'boolean',
    defaultText: 'as `true`',
    ct: { env: 'CT_METADATA' },
    doc: 'Remote write 1 metadata: `true` is `tenancy.metadata: follow`, `false` is `drop`; `tenancy.metadata` wins.',
  },
  log_response_errors: {
    type: 'boolean',
    default: false,
    ct: { env: 'CT_LOG_RESPONSE_ERRORS' },
    doc: 'Upstream answers other than 2xx are logged.',
  },
  max_connection_duration: {
    ...duration,
    default: 0,
    ct: { env: 'CT_MAX_CONN_DURATION' },
    doc: 'The longest life of a connection to upstream; 0 for no limit.',
  },
  max_conns_per_host: {
    type: 'integer',
    min: 0,
    max: maxInt32,
    default: 64,
    ct: { env: 'CT_MAX_CONNS_PER_HOST', zeroIsDefault: true },
    doc: 'Requests in flight to upstream; `send.max_in_flight` wins.',
  },
  'auth.egress.username': {
    type: 'string',
    default: '',
    ct: { env: 'CT_AUTH_EGRESS_USERNAME' },
    doc: 'User name for Basic auth to upstream; it needs the password too.',
  },
  'auth.egress.password': {
    type: 'string',
    default: '',
    secret: true,
    ct: { env: 'CT_AUTH_EGRESS_PASSWORD' },
    doc: 'Password for Basic auth to upstream.',
  },
  'auth.egress.tls_config.ca_bundle_file': {
    type: 'string',
    default: '',
    ct: { env: 'CT_CA_BUNDLE_FILE' },
    doc: 'PEM file with the only certificate authorities trusted for upstream; empty for the system’s.',
  },
  'auth.ingress.tls_config.cert_file': {
    type: 'string',
    default: '',
    ct: { env: 'CT_TLS_CERT_FILE' },
    restart: true,
    doc: 'PEM file with the certificate of the push listener; with `key_file` it makes the listener HTTPS, and is read again when it changes.',
  },
  'auth.ingress.tls_config.key_file': {
    type: 'string',
    default: '',
    ct: { env: 'CT_TLS_KEY_FILE' },
    restart: true,
    doc: 'PEM file with the key of `cert_file`.',
  },
  'tenant.label': {
    type: 'string',
    default: '__tenant__',
    ct: { env: 'CT_TENANT_LABEL', zeroIsDefault: true },
    doc: 'The label that names the tenant, while `tenant.label_list` is empty.',
  },
  'tenant.label_list': {
    type: 'list',
    of: 'label',
    default: [],
    ct: { env: 'CT_TENANT_LABEL_LIST' },
    doc: 'Labels that may name the tenant, in order of preference; the first with a non-empty value wins.',
  },
  'tenant.prefix': {
    type: 'string',
    default: '',
    ct: { env: 'CT_TENANT_PREFIX' },
    doc: 'Put before every tenant id, the default too.',
  },
  'tenant.prefix_prefer_source': {
    type: 'boolean',
    default: false,
    ct: { env: 'CT_TENANT_PREFIX_PREFER_SOURCE' },
    doc: 'The value of the sender’s tenant header and a `-` replace the prefix, where that header is present.',
  },
  'tenant.label_remove': {
    type: 'boolean',
    default: false,
    ct: { env: 'CT_TENANT_LABEL_REMOVE' },
    doc: 'The label that matched is removed from metrics; logs keep it.',
  },
  'tenant.header': {
    type: 'header',
    default: 'X-Scope-OrgID',
    ct: { env: 'CT_TENANT_HEADER', zeroIsDefault: true },
    doc: 'The header that carries the tenant to upstream.',
  },
  'tenant.default': {
    type: 'string',
    default: '',
    ct: { env: 'CT_TENANT_DEFAULT' },
    doc: 'Tenant of what has none of the labels; empty for none.',
  },
  'tenant.accept_all': {
    type: 'boolean',
    default: false,
    ct: { env: 'CT_TENANT_ACCEPT_ALL' },
    doc: 'Senders are answered 204 whatever upstream says: data is lost without anybody being told.',
  },
} as const satisfies Record<string, SettingSpec>
