import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { agentPaths } from '../../config/agent-settings.ts'
import { settingPaths } from '../../config/settings.ts'
import { kinds } from '../components/kinds.ts'
import { checkSources } from '../graph/check.ts'
import { parseFile } from '../syntax/parse.ts'
import { printFile } from '../syntax/print.ts'
import { convertCortexTenant } from './from-cortex-tenant.ts'
import { notCarried } from './not-carried.ts'

const said = (text: string): readonly string[] =>
  convertCortexTenant('ct.yml', text).diagnostics.map(
    ({ severity, line, col, message, hint }) =>
      `${severity === 'warning' ? '~' : ''}${line}:${col} ${message}${hint === undefined ? '' : ` | ${hint}`}`,
  )

/** Problems of the conversion, as the agent finds them. */
const problemsOf = (text: string): readonly string[] =>
  checkSources([{ name: 'a.alloy', text }], { kinds }).diagnostics.map(({ message }) => message)

function check(yaml: string, want: string, options = {}): void {
  const { text = '' } = convertCortexTenant('ct.yml', yaml, options)
  expect(text).toBe(want)
  expect(printFile(parseFile('a.alloy', text).file)).toBe(text)
  expect(problemsOf(text)).toEqual([])
}

test('a plain file', () => {
  check(
    `listen: :8081
target: mimir:8080/api/v1/push
timeout: 30s
tenant: { label: team, label_remove: true, default: shared }
`,
    `logging {
	level = "warn"
}

prometheus.receive_http "default" {
	forward_to = [prometheus.remote_write.default.receiver]

	http {
		listen_address      = ""
		listen_port         = 8081
		server_read_timeout = "30s"
		server_idle_timeout = "1m"
	}
}

prometheus.remote_write "default" {
	endpoint {
		url                    = "http://mimir:8080/api/v1/push"
		remote_timeout         = "30s"
		send_native_histograms = true
		follow_redirects       = false

		tenancy {
			labels  = ["team"]
			default = "shared"
		}
	}
}
`,
  )
})

const rich = `listen: 0.0.0.0:8081
target: https://u:p%40ss@mimir/push
log_level: trace
idle_timeout: 90s
metadata: false
auth: { ingress: { tls_config: { cert_file: c.pem, key_file: k.pem } }, egress: { tls_config: { ca_bundle_file: ca.pem } } }
tenant: { label_list: [team, __tenant_id__], prefix: "eu-", prefix_prefer_source: true, header: X-Org }
sluice:
  queue: { enabled: true, max_shards: 4, min_backoff: 100ms }
  client:
    http_headers: { X-A: { values: ["a\\"b"], secrets: [s] } }
    enable_http2: true
  tenancy:
    deny: ["x*"]
    idle_timeout: 1h
    rate_limit: { samples_per_second: 100 }
    override:
      - tenants: ["eu-big-*"]
        url: http://b:pw@big/push
        headers: { X-B: c }
        remote_timeout: 1m
        rate_limit: { samples_per_second: 5 }
        queue_config: { capacity: 5 }
      - tenants: [aws]
        sigv4: {}
        queue_config: { capacity: 10000 }
`

test('all that can be carried', () => {
  check(
    rich,
    `logging {
	level = "debug"
}

prometheus.receive_http "default" {
	trust_tenant_label = true
	forward_to         = [prometheus.remote_write.default.receiver]

	http {
		listen_address      = "0.0.0.0"
		listen_port         = 8081
		server_read_timeout = "10s"
		server_idle_timeout = "1m30s"

		tls {
			cert_file = "c.pem"
			key_file  = "k.pem"
		}
	}
}

prometheus.remote_write "default" {
	endpoint {
		url                    = "https://mimir/push"
		remote_timeout         = "10s"
		send_native_histograms = true
		follow_redirects       = false
		enable_http2           = true
		http_headers           = {
			"X-A" = ["a\\"b", "s"],
		}

		basic_auth {
			username = "u"
			password = "p@ss"
		}

		tls_config {
			ca_file = "ca.pem"
		}

		queue_config {
			max_shards  = 4
			min_backoff = "100ms"
		}

		tenancy {
			labels             = ["team", "__tenant_id__"]
			keep_label         = true
			prefix             = "eu-"
			prefix_from_header = "X-Org"
			header             = "X-Org"
			deny               = ["x*"]
			metadata           = "drop"
			idle_timeout       = "1h"

			rate_limit {
				samples_per_second = 100
			}

			override {
				tenants        = ["eu-big-*"]
				url            = "http://big/push"
				remote_timeout = "1m"
				headers        = {
					"X-B" = "c",
				}

				rate_limit {
					samples_per_second = 5
				}

				queue_config {
					capacity = 5
				}

				basic_auth {
					username = "b"
					password = "pw"
				}
			}

			override {
				tenants = ["aws"]

				queue_config {
					capacity             = 10000
					min_shards           = 1
					max_shards           = 50
					max_samples_per_send = 2000
					batch_send_deadline  = "5s"
					min_backoff          = "30ms"
					max_backoff          = "5s"
					retry_on_http_429    = true
					sample_age_limit     = "0s"
				}

				sigv4 { }
			}
		}
	}
}
`,
    { showSecrets: true },
  )
})

test('secrets are masked unless they are asked for', () => {
  const { text = '', hasMasked } = convertCortexTenant('ct.yml', rich)
  expect(hasMasked).toBe(true)
  expect(text).not.toMatch(/p@ss|"pw"|"s"|= "c"/)
  expect(text).toContain('password = "<secret>"')
  const inUrl = 'target: http://mimir/push?token=hunter2&a=b'
  expect(convertCortexTenant('ct.yml', inUrl)).toMatchObject({
    hasMasked: true,
    text: expect.stringContaining('"http://mimir/push?token=<secret>&a=b"'),
  })
  expect(convertCortexTenant('ct.yml', inUrl, { showSecrets: true }).text).toContain('token=hunter2&')
  expect(convertCortexTenant('ct.yml', rich, { showSecrets: true }).hasMasked).toBe(false)
  expect(convertCortexTenant('ct.yml', 'target: http://mimir').hasMasked).toBe(false)
})

test('what can’t be carried is said in place', () => {
  const path =
    'prometheus.receive_http takes pushes at /api/v1/metrics/write only | let senders push to http://127.0.0.1:8081/api/v1/metrics/write'
  expect(said('listen: 127.0.0.1:8081')).toEqual([`~1:9 ${path}`])
  expect(
    said(`concurrency: 9
max_conns_per_host: 64
tenant: { accept_all: true }
sluice:
  dry_run: true
  queue: { enabled: true }
  storage: { path: /data }
  client:
    basic_auth: { username_file: f, password: p }
    http_headers: { X-A: { files: [f] } }
    tls_config: { max_version: TLS12 }
  tenancy:
    override: [{ tenants: [a], tls_config: { max_version: TLS12 } }]
`).filter((line) => !line.includes('/api/v1/metrics/write')),
  ).toEqual([
    '~1:14 `concurrency` is not carried: the agent does not count pushes being handled | it bounds their bytes; `conn_limit` in the block `http` bounds connections',
    '3:23 `tenant.accept_all` is not carried: the agent tells its senders what became of their data | take it out; senders drop what is answered 4xx by themselves',
    '5:12 `dry_run` is not carried: the agent can’t run dry: it would send | take it out; `sluice explain` shows what would go where',
    '~7:20 `storage.path` is not carried: it is the program’s, not a component’s | start it with --storage.path=…, or set SLUICE_STORAGE_PATH',
    '9:34 `client.basic_auth.username_file` has no counterpart in Alloy’s syntax | read the file with local.file, and write its `content` here',
    '10:19 `client.http_headers` has no counterpart in Alloy’s syntax | read the file with local.file, and write its `content` here',
    '11:32 `client.tls_config.max_version` has no counterpart in Alloy’s syntax | say it in another way, or take it out',
    '13:46 `tenancy.override.0.tls_config.max_version` has no counterpart in Alloy’s syntax | say it in another way, or take it out',
  ])
})

test('a form of remote write that is experimental in the agent is told of', () => {
  const check = (message: string, ...want: readonly string[]) => {
    const text = `sluice: { tenancy: { override: [{ tenants: [a], protobuf_message: ${message} }] } }`
    expect(said(text).filter((line) => line.includes('2.0'))).toEqual(want)
  }
  check('prometheus.WriteRequest')
  check(
    'io.prometheus.write.v2.Request',
    '~1:32 remote write 2.0 is experimental in the agent | start it with --stability.level=experimental',
  )
})

test('a file that is wrong gives nothing but what is wrong with it', () => {
  const { text, diagnostics } = convertCortexTenant('ct.yml', 'tenant: { default: "a/b" }\nlabel: x')
  expect(text).toBe(undefined)
  expect(diagnostics.map(({ message }) => message)).toEqual([
    `the default tenant "a/b" is no valid tenant id: it contains "/"; allowed are A-Z a-z 0-9 ! - _ . * ' ( )`,
    'unknown key "label"',
  ])
})

test('each setting is carried or told of', () => {
  const carried =
    /^(listen|target|target_loki|log_level|timeout|idle_timeout|metadata|auth\..*|tenant\.(?!accept_all$).*|tenancy\..*|client\..*|queue\..*)$/
  /** The agent does what they ask for, whatever they say. */
  const usual = ['enable_ipv6', 'log_response_errors']
  const told = new Set(Object.keys(notCarried))
  expect(settingPaths.filter((path) => !told.has(path) && !carried.test(path) && !usual.includes(path))).toEqual([])
  expect([...told].filter((path) => carried.test(path) && !agentPaths.some((own) => own === path))).toEqual([])
})

test('logs have components of their own', () => {
  const { text = '' } = convertCortexTenant('ct.yml', readFileSync('examples/cortex-tenant.yml', 'utf8'))
  expect(text.slice(text.indexOf('loki.source.api'))).toBe(`loki.source.api "default" {
	use_incoming_timestamp = true
	forward_to             = [loki.write.default.receiver]

	http {
		listen_address      = "127.0.0.1"
		listen_port         = 8082
		server_read_timeout = "10s"
		server_idle_timeout = "1m"
	}
}

loki.write "default" {
	endpoint {
		url              = "http://127.0.0.1:9009/loki/api/v1/push"
		remote_timeout   = "10s"
		follow_redirects = false
		enable_http2     = false

		tenancy {
			labels     = ["team", "namespace"]
			default    = "shared"
			keep_label = true
		}
	}
}
`)
})
