import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { banner, goingOnLine, makePaint, tenantLine, verdictLines } from './dev-screen.ts'

const plain = makePaint({ isTTY: false }, {})

test('the banner says where everything is and what to paste', () => {
  const facts = {
    version: '1.2.3',
    readyMs: 41.6,
    proxyUrl: 'http://127.0.0.1:8080',
    sinkUrl: 'http://127.0.0.1:9009',
    metricsUrl: 'http://127.0.0.1:9090/metrics',
    tenantLabel: 'tenant',
  }
  expect(banner(facts, plain).join('\n')).toBe(`\
Sluice 1.2.3 ready in 42 ms

  push to  http://127.0.0.1:8080/api/v1/push  remote write 1
  logs to  http://127.0.0.1:8080/loki/api/v1/push  Loki
  arrived  http://127.0.0.1:9009/api/tenants  what the test receiver got, by tenant
  metrics  http://127.0.0.1:9090/metrics  Sluice's own

  The label "tenant" names the tenant. To send from your Prometheus too, add to prometheus.yml:

    remote_write:
      - url: http://127.0.0.1:8080/api/v1/push
        write_relabel_configs:
          - target_label: tenant
            replacement: my-team
`)
})

test('a line shows every tenant, the verdict what arrived', () => {
  const rows = [
    { tenant: 'team-a', delivered: 80, failed: 0, broken: false },
    { tenant: 'team-b', delivered: 16, failed: 12, broken: true },
  ]
  expect(tenantLine(5, rows, plain)).toBe(
    '   5 s  team-a    80 delivered   0 failed   team-b    16 delivered  12 failed',
  )
  const check = { tenant: 'team-a', made: 9, once: 9, missing: 0, twice: 0, wrong: 0 }
  expect(verdictLines(60, [check, { ...check, once: 3, missing: 1, twice: 2, wrong: 3 }], plain)).toEqual([
    '  60 s  team-a: all 9 samples arrived exactly once',
    '  60 s  team-a: of 9 samples 3 arrived exactly once, 1 are missing, 2 came twice, 3 are wrong',
  ])
})

test('colours on a terminal only, and not where NO_COLOR is set', () => {
  const check = (isTTY: boolean, env: Record<string, string>, coloured: boolean): void => {
    const line = goingOnLine(makePaint({ isTTY }, env))
    expect(stripVTControlCharacters(line)).toBe('        Going on until Ctrl+C.')
    expect(line !== stripVTControlCharacters(line)).toBe(coloured)
  }
  check(false, {}, false)
  check(true, { NO_COLOR: '1' }, false)
  check(true, { NO_COLOR: '' }, true)
})
