import { expect, test } from 'vitest'
import { startBench } from '../../../test/support/components.ts'
import { printDiagnostics } from '../../config/diagnostics.ts'
import { convertToPrometheus } from '../convert/to-prometheus.ts'
import { entriesOf, explainAgent } from '../explain/explain-agent.ts'
import { settleComponents } from '../explain/settle-components.ts'
import { checkSources } from '../graph/check.ts'
import { printAlloyDiagnostics } from '../syntax/print-diagnostics.ts'
import { kinds } from './kinds.ts'

/** A secret in every place that may have one. */
const config = `
http {
  auth {
    basic {
      username = "admin"
      password = "PLANTED"
    }
  }
}
prometheus.remote_write "m" {
  endpoint {
    url                  = "http://user:PLANTED@mimir/push?api_key=PLANTED"
    headers              = { "X-Key" = "PLANTED" }
    http_headers         = { "X-Keys" = ["PLANTED"] }
    proxy_url            = "http://p:PLANTED@proxy:1"
    proxy_connect_header = { "X-P" = ["PLANTED"] }
    bearer_token         = "PLAN" + "TED"
    tenancy {
      default = "d"
      override {
        tenants = ["x"]
        url     = "http://user:PLANTED@mimir/other?token=PLANTED"
        headers = {
          "X-Key" = "PLANTED",
        }
        basic_auth {
          username = "u"
          password = "PLANTED"
        }
      }
    }
  }
  endpoint {
    url = "http://mimir/oauth"
    oauth2 {
      client_id       = "c"
      client_secret   = "PLANTED"
      token_url       = "http://auth/token?secret=PLANTED"
      endpoint_params = { x = "PLANTED" }
    }
  }
  endpoint {
    url = "http://mimir/aws"
    sigv4 {
      region     = "eu"
      access_key = "AK"
      secret_key = "PLANTED"
    }
  }
  endpoint {
    url = "http://mimir/other"
    authorization {
      credentials = "PLANTED"
    }
  }
}
loki.write "l" {
  endpoint {
    url = "http://user:PLANTED@loki/push?token=PLANTED"
    basic_auth {
      username      = "u"
      password      = "PLANTED"
    }
  }
}
`

test('nothing that people are shown has a secret of the configuration in it', async () => {
  const bench = startBench(kinds)
  expect(await bench.load(config)).toEqual([])
  const shown = bench.graph.listComponents().map(({ localID }) => JSON.stringify(bench.graph.component(localID)))
  const converted = await convertToPrometheus('a.alloy', config, { kinds, stability: 'experimental' }, {})
  expect(converted.text).toContain('mimir/aws')
  shown.push(converted.text ?? '', printDiagnostics(converted.diagnostics))
  const { components = [] } = await settleComponents([{ name: 'a.alloy', text: config }], { kinds })
  const question = {
    signal: 'metrics',
    headers: {},
    labels: [['__tenant_id__', 'x'] as const, ['a', 'b'] as const],
  } as const
  const from = entriesOf(components).filter(({ signal }) => signal === 'metrics')
  shown.push(JSON.stringify(explainAgent(from, [question])), bench.lines.join('\n'), await bench.registry.exposition())
  for (const text of shown) expect(text).not.toContain('PLANTED')
  // They are not left out, but masked.
  for (const text of shown.slice(0, 2)) expect(text).toContain('(secret)')
})

test.each([
  ['= "d"', '= 3 4'],
  ['default = "d"', 'defautl = "d"'],
  ['url                  =', 'ulr                  ='],
  ['region     = "eu"', 'region     = "eu'],
  ['headers = {', 'headers = "x"\nheaders = {'],
  ['  endpoint {\n    url = "http://mimir/oauth"', '  endpint {\n    url = "http://mimir/oauth"'],
  ['prometheus.remote_write "m"', 'prometheus.remote_wrote "m"'],
  ['loki.write "l" {', 'loki.write "l" {{'],
  ['password = "PLANTED"\n        }', 'password = "PLANTED\n        }'],
])('nor does a diagnostic: %s → %s', (from, to) => {
  expect(config).toContain(from)
  const { diagnostics, texts } = checkSources([{ name: 'a.alloy', text: config.replace(from, to) }], { kinds })
  expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
  expect(printAlloyDiagnostics(texts, diagnostics)).not.toContain('PLANTED')
  expect(printDiagnostics(diagnostics)).not.toContain('PLANTED')
})
