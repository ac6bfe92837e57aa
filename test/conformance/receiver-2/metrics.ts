// metric_test.go of the receiver suite: samples, alone and several together.

import { type CaseSeries, minute, named, type ReceiverCase, values } from '../../support/receiver-case.ts'

const nameless = (instance: string) => ({ instance, job: 'testjob' })
const up = (instance: string) => named('up', nameless(instance))

const single: Record<string, readonly [labels: CaseSeries['labels'], refused?: number]> = {
  'simple metric': [named('up')],
  'simple metric with multiple labels': [up('localhost:9090')],
  'simple metric with newlines': [named('up', { job: 'test\njob\n', instance: 'localhost:9090' })],
  'simple metric with dots': [
    named('resource.cpu.usage', { 'job.name': 'testjob', 'instance.name': 'localhost:9090' }),
  ],
  'simple metric with spaces': [
    named('resource cpu usage', { 'job name': 'testjob', 'instance name': 'localhost:9090' }),
  ],
  'simple metric without name label': [nameless('localhost:9090'), 1],
  'empty metric': [{}, 1],
}

const instances = ['localhost:9090', 'localhost:9091', 'localhost:9092', 'localhost:9093']
const several: Record<string, readonly [all: readonly CaseSeries['labels'][], refused?: number]> = {
  'multiple metrics': [instances.map(up)],
  'multiple metrics, without name label': [instances.map(nameless), 4],
  'multiple metrics, 1 without name label': [[nameless(instances[0]!), ...instances.slice(1).map(up)], 1],
}

export const metrics: readonly ReceiverCase[] = [
  ...Object.entries(values).flatMap(([shown, value]) =>
    Object.entries(single).map(([name, [labels, refused = 0]]) => ({
      name: `TestSingleMetric/${shown}/${name}`,
      series: [{ labels, value }],
      refused,
    })),
  ),
  {
    name: 'TestCounterWithCreatedTimestamp',
    series: [{ labels: named('http_requests_total', { job: 'api' }), value: 100, createdMs: -60 * minute }],
  },
  ...Object.entries(values).flatMap(([shown, value]) =>
    Object.entries(several).map(([name, [all, refused = 0]]) => ({
      name: `TestMultipleMetrics/${shown}/${name}`,
      series: all.map((labels) => ({ labels, value })),
      refused,
    })),
  ),
]
