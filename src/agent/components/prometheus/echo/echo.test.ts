import { expect, test } from 'vitest'
import { startBench } from '../../../../../test/support/components.ts'
import { contentType2, request2, series2, written2 } from '../../../../../test/support/request-2.ts'
import {
  encodeHistogram,
  encodeWriteRequest,
  STALE_MARKER,
  snappyBlock,
  type WriteRequestInput,
} from '../../../../dev/encode.ts'
import { receiveHttp } from '../receive-http/receive-http.ts'
import { echo } from './echo.ts'

const config = (format: string) => `
prometheus.receive_http "in" {
  http { listen_port = 0 }
  trust_tenant_label = true
  forward_to = [prometheus.echo.out.receiver]
}
prometheus.echo "out" { ${format} }
`

const bench = async (format: string) => {
  const started = startBench([receiveHttp, echo])
  expect(await started.load(config(format))).toEqual([])
  return async (input: WriteRequestInput) => {
    const body = snappyBlock(encodeWriteRequest(input))
    const { status } = await started.push('prometheus.receive_http.in', '/api/v1/metrics/write', body)
    expect(status).toBe(200)
    return started.printed.splice(0).join('')
  }
}

const input: WriteRequestInput = {
  series: [
    {
      labels: [
        ['__name__', 'up'],
        ['__tenant_id__', 'team'],
        ['job', 'a "quoted"\\\n'],
      ],
      samples: [
        [1, 1_700_000_000_123],
        [0.5, 0],
      ],
    },
    { labels: [['__name__', 'requests_total']], samples: [[12_345_678, 1000]] },
    {
      labels: [['__name__', 'gone']],
      samples: [
        [STALE_MARKER, 1000],
        [Number.NEGATIVE_INFINITY, 2000],
        [-0.25, -5],
      ],
    },
    {
      labels: [
        ['__name__', 'latency'],
        ['zone', 'x'],
      ],
      histograms: [encodeHistogram(7, 2.5, 3000)],
    },
    {
      labels: [
        ['__name__', 'my.metric'],
        ['a.b', 'c'],
      ],
      samples: [[1e21, 1000]],
    },
    { labels: [['nameless', 'x']], samples: [[1, 1]] },
  ],
  metadata: [
    { family: 'requests_total', type: 1, help: 'How many\nrequests "\\".' },
    { family: 'absent', type: 2 },
  ],
}

test('text', async () => {
  const print = await bench('')
  expect(await print(input)).toBe(`# TYPE absent gauge
# TYPE gone untyped
gone NaN 1000
gone -Inf 2000
gone -0.25
# TYPE latency histogram
latency_bucket{zone="x",le="+Inf"} 7 3000
latency_sum{zone="x"} 2.5 3000
latency_count{zone="x"} 7 3000
# TYPE "my.metric" untyped
{"my.metric","a.b"="c"} 1e+21 1000
# HELP requests_total How many\\nrequests "\\\\".
# TYPE requests_total counter
requests_total 1.2345678e+07 1000
# TYPE up untyped
up{__tenant_id__="team",job="a \\"quoted\\"\\\\\\n"} 1 1700000000123
up{__tenant_id__="team",job="a \\"quoted\\"\\\\\\n"} 0.5
`)
})

test('OpenMetrics', async () => {
  const print = await bench('format = "openmetrics"')
  const series = [
    {
      labels: [['__name__', 'a']],
      samples: [
        [1, 1_700_000_000_123],
        [0.5, 1000],
      ],
    },
  ] as const
  expect(await print({ series, metadata: [{ family: 'a', type: 6, help: '"h"' }] })).toBe(`# HELP a \\"h\\"
# TYPE a info
a 1.0 1.700000000123e+09
a 0.5 1.0
`)
})

test('remote write 2.0: series say of themselves what they are; what is malformed is refused', async () => {
  const started = startBench([receiveHttp, echo], {}, {}, { stability: 'experimental' })
  const accepts = 'accepted_remote_write_protobuf_messages = ["io.prometheus.write.v2.Request"]\n  forward_to'
  expect(await started.load(config('').replace('forward_to', accepts))).toEqual([])
  const print = async (body: Uint8Array) => {
    const headers = { 'content-type': contentType2 }
    const answer = await started.push('prometheus.receive_http.in', '/api/v1/metrics/write', body, headers)
    return { ...answer, printed: started.printed.splice(0).join('') }
  }
  const [up, total, gone, latency, ...others] = input.series!
  const all = [
    { ...up!, metadata: { type: 2, help: 'Is it\nup?' } },
    { ...total!, metadata: { type: 1 } },
    ...[gone!, latency!, ...others],
  ]
  const { status, headers, printed } = await print(request2(all))
  expect([status, headers]).toEqual([200, expect.objectContaining(written2(8, 1))])
  expect(printed).toBe(`# TYPE gone untyped
gone NaN 1000
gone -Inf 2000
gone -0.25
# TYPE latency histogram
latency_bucket{zone="x",le="+Inf"} 7 3000
latency_sum{zone="x"} 2.5 3000
latency_count{zone="x"} 7 3000
# TYPE "my.metric" untyped
{"my.metric","a.b"="c"} 1e+21 1000
# TYPE requests_total counter
requests_total 1.2345678e+07 1000
# HELP up Is it\\nup?
# TYPE up gauge
up{__tenant_id__="team",job="a \\"quoted\\"\\\\\\n"} 1 1700000000123
up{__tenant_id__="team",job="a \\"quoted\\"\\\\\\n"} 0.5
`)
  const malformed = { labelRefs: [1, 99], samples: [[1, 1000]] } as const
  const refused = await print(request2([malformed, series2(1000, '__name__=a')], { symbols: ['', '__name__'] }))
  expect(refused).toMatchObject({ status: 400, headers: written2(1), printed: '# TYPE a untyped\na 1 1000\n' })
  expect(refused.text).toMatch(/^1 series rejected\nrejected malformed \(1\): /)
})

test('another format takes effect with a reload', async () => {
  const started = startBench([receiveHttp, echo])
  const series = [{ labels: [['__name__', 'a']], samples: [[1, 1000]] }] as const
  const body = snappyBlock(encodeWriteRequest({ series }))
  for (const format of ['text', 'openmetrics']) {
    await started.load(config(`format = "${format}"`))
    await started.push('prometheus.receive_http.in', '/api/v1/metrics/write', body)
  }
  expect(started.printed).toEqual(['# TYPE a untyped\na 1 1000\n', '# TYPE a unknown\na 1.0 1.0\n'])
  expect(await started.load(config('format = "json"'))).toEqual(['7:34 unknown format json'])
})
