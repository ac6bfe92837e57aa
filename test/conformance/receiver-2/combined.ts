// combined_test.go of the receiver suite: samples, histograms, metadata and exemplars together.

import { type CaseSeries, minute, named, type ReceiverCase, type } from '../../support/receiver-case.ts'

const all = { positive: true, negative: true, zero: true }
const exemplar = (value: number, trace_id: string, more: CaseSeries['labels'] = {}) => [
  { labels: { trace_id, ...more }, value },
]
const of = (kind: keyof typeof type, help: string, unit: string) => ({ type: type[kind], help, unit })
const fifty = Array.from({ length: 50 }, (_, i) => i)

const responseTime: CaseSeries = {
  labels: named('response_time_hist', { endpoint: '/api/v1/users' }),
  histogram: { sum: 0.125, positive: true, zero: true },
  metadata: of('histogram', 'Response time distribution', 'seconds'),
  exemplars: exemplar(0.125, 'fast_response', { user: 'premium' }),
}

export const combined: readonly ReceiverCase[] = [
  {
    name: 'TestSamplesWithMetadataAndExemplars',
    series: [
      {
        labels: named('http_requests_total', { job: 'api', method: 'POST' }),
        value: 1,
        metadata: of('counter', 'Total number of HTTP requests', 'requests'),
        exemplars: exemplar(1, 'request_trace_123', { user_id: 'user789' }),
      },
    ],
  },
  {
    name: 'TestHistogramsWithMetadataAndExemplars',
    series: [
      {
        labels: named('request_duration_seconds', { service: 'auth' }),
        histogram: { sum: 0.456, ...all },
        metadata: of('histogram', 'HTTP request duration distribution', 'seconds'),
        exemplars: exemplar(0.456, 'slow_request_trace', { endpoint: '/login' }),
      },
    ],
  },
  {
    name: 'TestComplexSamplesRequest',
    series: [
      {
        labels: named('cpu_usage', { instance: 'server1' }),
        value: 0.85,
        metadata: of('gauge', 'CPU usage ratio', 'ratio'),
        exemplars: exemplar(0.85, 'high_cpu_trace', { process: 'worker' }),
      },
      {
        labels: named('memory_usage', { instance: 'server1' }),
        value: 8_589_934_592,
        metadata: of('gauge', 'Memory usage in bytes', 'bytes'),
      },
    ],
  },
  {
    name: 'TestComplexHistogramsRequest',
    series: [
      responseTime,
      {
        labels: named('request_size_hist', { method: 'POST' }),
        histogram: { sum: 1024, negative: true, zero: true },
        metadata: of('histogram', 'Request size distribution', 'bytes'),
      },
    ],
  },
  {
    name: 'TestMultipleMetricFamiliesSamples',
    series: [
      {
        labels: named('http_requests_total', { status: '200' }),
        value: 1000,
        metadata: of('counter', 'Total HTTP requests', 'requests'),
        exemplars: exemplar(1000, 'successful_request'),
      },
      {
        labels: named('temperature_celsius', { location: 'datacenter1' }),
        value: 23.5,
        metadata: of('gauge', 'Temperature in Celsius', 'celsius'),
      },
    ],
  },
  {
    name: 'TestMultipleMetricFamiliesHistograms',
    series: [
      {
        labels: named('request_duration_seconds', { handler: '/metrics' }),
        histogram: { sum: 0.003, positive: true, zero: true },
        metadata: of('histogram', 'Request duration in seconds', 'seconds'),
        exemplars: exemplar(0.003, 'metrics_scrape', { scraper: 'prometheus' }),
      },
    ],
  },
  {
    name: 'TestEdgeCaseCombinations/metadata_without_data',
    series: [{ labels: named('orphan_metric'), metadata: of('counter', 'Orphaned metric metadata', 'count') }],
    once: true,
    orphan: true,
  },
  {
    name: 'TestEdgeCaseCombinations/exemplars_without_data',
    series: [{ labels: named('orphan_metric'), exemplars: exemplar(42, 'orphan_trace') }],
    once: true,
    orphan: true,
  },
  {
    name: 'TestEdgeCaseCombinations/mixed_timestamp_data',
    series: [
      {
        labels: named('old_metric'),
        value: 1,
        offsetMs: -60 * minute,
        exemplars: [{ labels: { trace_id: 'old_trace' }, value: 1, offsetMs: -30 * minute }],
      },
      { labels: named('new_metric'), value: 2 },
    ],
    once: true,
  },
  {
    name: 'TestManySamples',
    series: fifty.map((i) => ({
      labels: named(`counter_metric_${i}`, { series: `series_${i}` }),
      value: i * 100,
      metadata: of('counter', `Counter metric number ${i}`, 'count'),
      exemplars: exemplar(i * 100, `trace_${i}`),
    })),
  },
  {
    name: 'TestManyHistograms',
    series: fifty.map((i) => ({
      labels: named(`histogram_metric_${i}`, { bucket: `bucket_${i}` }),
      histogram: { sum: i / 10, positive: true, negative: i % 2 === 0, zero: true },
      metadata: of('histogram', `Histogram metric number ${i}`, 'seconds'),
      exemplars: exemplar(i / 10, `trace_${i}`),
    })),
  },
  {
    name: 'TestSpecialCharactersCombined',
    series: [
      {
        labels: named('test_metric', {
          job: 'test-job_with.special@chars',
          instance: 'localhost:9090',
          environment: 'test🚀',
        }),
        value: 42,
        metadata: of('gauge', 'Test metric with special characters: äöü, newlines\nand "quotes"', 'special/units'),
        exemplars: exemplar(42, 'special_trace_äöü-123', { span_id: 'span_with.dots-and_underscores' }),
      },
    ],
  },
  {
    name: 'TestCustomBucketsHistogramWithExemplar',
    series: [
      {
        labels: named('custom_latency_hist', { version: 'v2' }),
        histogram: { sum: 0.05, custom: true },
        exemplars: exemplar(0.05, 'custom_bucket_trace', { bucket: '0.1' }),
      },
    ],
    only2: 1,
  },
]
