// metadata_test.go of the receiver suite.

import { type CaseSeries, minute, named, type ReceiverCase, type } from '../../support/receiver-case.ts'

const all = { sum: 1, positive: true, negative: true, zero: true }

const single: Record<string, readonly [labels: CaseSeries['labels'], type: number, help: string, unit: string]> = {
  counter_metadata: [named('http_requests_total'), type.counter, 'Total number of HTTP requests', 'requests'],
  gauge_metadata: [named('cpu_usage_percent'), type.gauge, 'Current CPU usage percentage', 'percent'],
  histogram_metadata: [named('request_duration_seconds'), type.histogram, 'Request duration in seconds', 'seconds'],
  metadata_no_help_no_unit: [named('simple_counter'), type.counter, '', ''],
  metadata_with_special_chars: [
    named('test_metric', { job: 'test' }),
    type.gauge,
    'Test metric with\nnewlines and "quotes"',
    'bytes/sec',
  ],
  unspecified_metadata_type: [named('unknown_metric'), type.unspecified, 'Unknown metric type', ''],
  info_metadata_type: [named('build_info'), type.info, 'Build information', ''],
  stateset_metadata_type: [named('node_state'), type.stateSet, 'Node state information', ''],
  summary_metadata_type: [named('request_latency_summary'), type.summary, 'Request latency summary', 'seconds'],
  gauge_histogram_metadata_type: [
    named('temperature_histogram'),
    type.gaugeHistogram,
    'Temperature distribution gauge histogram',
    'celsius',
  ],
}

const validated: Record<string, readonly [labels: CaseSeries['labels'], type: number, refused: number]> = {
  metadata_without_name_label: [{ job: 'test' }, type.counter, 1],
  metadata_with_empty_name: [named(''), type.gauge, 1],
  metadata_with_valid_name: [named('valid_metric_name'), type.counter, 0],
}

const requests: CaseSeries = {
  labels: named('http_requests_total', { job: 'test' }),
  value: 42,
  metadata: { type: type.counter, help: 'Total HTTP requests', unit: 'requests' },
}
const gauge = (labels: CaseSeries['labels'], value: number, help: string, unit: string): CaseSeries => ({
  labels,
  value,
  metadata: { type: type.gauge, help, unit },
})

export const metadata: readonly ReceiverCase[] = [
  ...Object.entries(single).map(([name, [labels, kind, help, unit]]) => ({
    name: `TestMetadata/${name}`,
    series: [
      {
        labels,
        ...(kind === type.histogram ? { histogram: all } : { value: 1 }),
        metadata: { type: kind, help, unit },
      },
    ],
  })),
  {
    name: 'TestCounterMetadataWithCreatedTimestamp',
    series: [
      { ...requests, labels: named('http_requests_total', { job: 'api' }), value: 150, createdMs: -60 * minute },
    ],
  },
  { name: 'TestMetadataWithSamples', series: [requests] },
  {
    name: 'TestMultipleMetadata',
    series: [
      gauge(named('cpu_usage'), 85.5, 'CPU usage percentage', 'percent'),
      gauge(named('memory_usage'), 4_096_000_000, 'Memory usage in bytes', 'bytes'),
      gauge(named('disk_usage', { device: 'sda1' }), 75.2, 'Disk usage percentage', 'percent'),
    ],
  },
  {
    name: 'TestMetadataWithComplexLabels',
    series: [
      {
        labels: named('http_request_duration_seconds', {
          job: 'api-server',
          instance: 'localhost:8080',
          method: 'GET',
          status: '200',
          endpoint: '/api/v1/users',
        }),
        histogram: { ...all, sum: 0.25 },
        metadata: { type: type.histogram, help: 'HTTP request duration in seconds', unit: 'seconds' },
      },
    ],
  },
  ...Object.entries(validated).map(([name, [labels, kind, refused]]) => ({
    name: `TestMetadataValidation/${name}`,
    series: [{ labels, value: 1, metadata: { type: kind, help: 'Test help', unit: 'unit' } }],
    refused,
    once: true,
  })),
]
