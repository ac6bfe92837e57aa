// histograms_test.go of the receiver suite: native histograms.

import { type CaseSeries, minute, named, type ReceiverCase, type } from '../../support/receiver-case.ts'

type Shape = Omit<NonNullable<CaseSeries['histogram']>, 'sum'>
const all: Shape = { positive: true, negative: true, zero: true }
const positive: Shape = { positive: true, zero: true }

const histogram = (labels: CaseSeries['labels'], sum: number, shape: Shape): CaseSeries => ({
  labels,
  histogram: { sum, ...shape },
})
const metadata = (help: string, unit: string) => ({ type: type.histogram, help, unit })

const single: Record<string, readonly [labels: CaseSeries['labels'], Shape, more?: Partial<ReceiverCase>]> = {
  basic_histogram: [named('test_histogram'), all],
  custom_buckets_histogram: [named('test_histogram'), { custom: true }, { only2: 1 }],
  positive_only_histogram: [named('test_histogram', { job: 'test' }), positive],
  negative_only_histogram: [named('test_histogram', { instance: 'localhost' }), { negative: true }],
  minimal_histogram: [named('minimal_hist'), { zero: true }],
  bad_count_histogram: [named('minimal_hist'), { positive: true, badCount: true }, { refused: 1 }],
}

export const histograms: readonly ReceiverCase[] = [
  ...Object.entries(single).map(([name, [labels, shape, more]]) => ({
    name: `TestHistograms/${name}`,
    series: [histogram(labels, 1, shape)],
    ...more,
  })),
  {
    name: 'TestHistogramWithCreatedTimestamp',
    series: [{ ...histogram(named('request_duration_seconds', { job: 'api' }), 1.5, all), createdMs: -30 * minute }],
  },
  {
    name: 'TestMultipleHistograms',
    series: [
      histogram(named('hist1', { job: 'test' }), 10.5, positive),
      histogram(named('hist2', { job: 'test' }), 5.2, { negative: true }),
    ],
  },
  { name: 'TestEmptyHistogram', series: [histogram(named('empty_hist'), 0, {})] },
  {
    name: 'TestHistogramWithMetadata',
    series: [
      {
        ...histogram(named('request_duration_seconds', { job: 'api' }), 2.5, all),
        metadata: metadata('HTTP request duration in seconds', 'seconds'),
      },
    ],
  },
  {
    name: 'TestHistogramWithExemplar',
    series: [
      {
        ...histogram(named('http_request_duration_seconds', { method: 'GET' }), 1.23, positive),
        exemplars: [{ labels: { trace_id: 'abc123def456', span_id: 'span789' }, value: 1.23 }],
      },
    ],
  },
  {
    name: 'TestHistogramWithMetadataAndExemplar',
    series: [
      {
        ...histogram(named('response_size_bytes', { service: 'upload' }), 10_485_760, all),
        metadata: metadata('HTTP response size in bytes', 'bytes'),
        exemplars: [{ labels: { trace_id: 'large_upload_trace', user_id: 'user456' }, value: 10_485_760 }],
      },
    ],
  },
  {
    name: 'TestMultipleHistogramsWithMetadata',
    series: [
      {
        ...histogram(named('cpu_usage_histogram', { instance: 'server1' }), 0.75, positive),
        metadata: metadata('CPU usage distribution', 'ratio'),
      },
      {
        ...histogram(named('memory_usage_histogram', { instance: 'server1' }), 8_589_934_592, {
          positive: true,
          negative: true,
        }),
        metadata: metadata('Memory usage distribution', 'bytes'),
      },
    ],
  },
]
