import { expect, test } from 'vitest'
import { kinds } from '../components/kinds.ts'
import { allCoverageText } from './coverage-text.ts'
import { coverageOf, coverageText } from './file-coverage.ts'

const textOf = (text: string): string => coverageText(coverageOf([{ name: 'a.alloy', text }], kinds))

test('a file: what there is of it, and what not', () => {
  expect(
    textOf(`logging {
  write_to = []
}
prometheus.scrape "apps" { }
tracing { }
prometheus.nothing "x" { }
prometheus.remote_write "mimir" {
  endpoint {
    url = "http://mimir"
    metadata_config {
      send_interval = "1m"
    }
    tenancy {
      on_absent = "drop"
    }
  }
  wal {
    truncate_frequency = "2h"
  }
}
prometheus.receive_http "in" {
  http {
    http2 { }
  }
}
`),
  ).toBe(`supported (3):
  logging                        a.alloy:1:1
  prometheus.remote_write.mimir  a.alloy:7:1
  prometheus.receive_http.in     a.alloy:21:1

taken without effect (2):
  prometheus.remote_write.mimir: endpoint > metadata_config > send_interval  a.alloy:11:7
      metadata goes with the data that it belongs to, as it comes
  prometheus.remote_write.mimir: wal                                         a.alloy:17:3
      there is no such log: what can’t be delivered is in the store (--storage.path)

not supported (4):
  logging: write_to                         a.alloy:2:3
      take it out, and collect standard error instead
  prometheus.scrape.apps                    a.alloy:4:1
      Alloy has it, Sluice not yet
  tracing                                   a.alloy:5:1
      take it out
  prometheus.receive_http.in: http > http2  a.alloy:23:5
      take it out: HTTP/1.1 is spoken

unknown (2):
  prometheus.nothing.x                                           a.alloy:6:1
      neither Alloy nor Sluice has it
  prometheus.remote_write.mimir: endpoint > tenancy > on_absent  a.alloy:14:7
      there is nothing of this name
`)
})

test('nothing, and what can’t be read whole', () => {
  expect(textOf('')).toBe('')
  expect(textOf('prometheus.echo "x" {\n  format = \n}\nprometheus.echo "y" { }\n')).toContain('prometheus.echo.y')
})

test('all of Alloy', () => {
  const text = allCoverageText(kinds)
  for (const { name } of kinds) expect(text).toContain(`  ${name}\n`)
  expect(text).toMatch(/^ {2}prometheus\.receive_http\n {6}without effect: .*\n {6}not supported: .*http > http2/m)
  const [, missing = ''] = text.split('not supported (')
  expect(missing).toContain('\n  prometheus.scrape\n')
  expect(missing).not.toContain('\n  prometheus.relabel\n')
})
