// exemplar_test.go of the receiver suite.

import { type CaseSeries, minute, named, type ReceiverCase, values } from '../../support/receiver-case.ts'

type Labels = CaseSeries['labels']
type Value = number | bigint

/** A sample with an exemplar of the same value. */
const both = (labels: Labels, exemplar: Labels, value: Value, offsetMs = 0): CaseSeries => ({
  labels,
  value,
  offsetMs,
  exemplars: [{ labels: exemplar, value, offsetMs }],
})
const traced = (trace_id: string, more: Labels = {}): Labels => ({ trace_id, ...more })

const single: Record<string, readonly [Labels, exemplar: Labels, Value]> = {
  basic_exemplar: [named('http_requests_total', { job: 'api' }), traced('abc123def456'), 1],
  exemplar_with_span_id: [
    named('request_duration_seconds', { method: 'GET' }),
    traced('xyz789', { span_id: 'span123' }),
    0.125,
  ],
  exemplar_without_trace_id: [named('cpu_usage', { instance: 'host1' }), { user_id: 'user123' }, 0.85],
  exemplar_with_multiple_labels: [
    named('request_latency', { service: 'auth' }),
    traced('trace456', { user: 'admin', endpoint: '/login' }),
    0.05,
  ],
  exemplar_no_labels: [named('simple_counter'), {}, 1],
  exemplar_with_special_chars: [named('test_metric'), traced('trace-with-dashes_and_underscores.123'), 42],
  exemplar_with_unicode: [named('unicode_test', { region: '🌍' }), traced('unicode_trace_测试'), 100],
}

const special: Record<string, Value> = {
  zero_value: 0,
  negative_value: -123.456,
  large_value: 1e10,
  small_value: 1e-10,
  nan_value: values.NaN!,
  inf_value: Number.POSITIVE_INFINITY,
  '-inf_value': Number.NEGATIVE_INFINITY,
}

const validated: Record<string, readonly [Labels, refused: number]> = {
  exemplar_without_name_label: [{ job: 'test' }, 1],
  exemplar_with_empty_name: [named(''), 1],
  exemplar_with_valid_name: [named('valid_metric'), 0],
}

export const exemplars: readonly ReceiverCase[] = [
  ...Object.entries(single).map(([name, [labels, exemplar, value]]) => ({
    name: `TestExemplars/${name}`,
    series: [both(labels, exemplar, value)],
  })),
  {
    name: 'TestExemplarWithCreatedTimestamp',
    series: [
      {
        ...both(named('http_requests_total', { job: 'api' }), traced('abc123', { span_id: 'span456' }), 250),
        createdMs: -120 * minute,
      },
    ],
  },
  {
    name: 'TestMultipleExemplars',
    series: [
      both(named('request_duration', { method: 'GET' }), traced('trace1', { span_id: 'span1' }), 0.1),
      both(named('request_duration', { method: 'POST' }), traced('trace2', { span_id: 'span2' }), 0.25),
      both(named('error_count', { service: 'payment' }), traced('trace3', { user: 'test_user' }), 1),
    ],
  },
  {
    name: 'TestExemplarTimestamps',
    series: [
      both(named('latency_hist'), traced('old_trace'), 0.05, -60 * minute),
      both(named('latency_hist'), traced('recent_trace'), 0.15, -minute),
      both(named('latency_hist'), traced('current_trace'), 0.08),
    ],
  },
  ...Object.entries(validated).map(([name, [labels, refused]]) => ({
    name: `TestExemplarValidation/${name}`,
    series: [both(labels, traced('test_trace'), 1)],
    refused,
    once: true,
  })),
  ...Object.entries(special).map(([name, value]) => ({
    name: `TestExemplarSpecialValues/${name}`,
    series: [both(named('test_metric'), traced('special_value_trace'), value)],
  })),
]
