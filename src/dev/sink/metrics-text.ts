// The test receiver's few metrics in Prometheus' text format. A test receiver has few tenants: they are labels here.

import type { SinkStore } from './store.ts'

export function renderMetrics(
  store: SinkStore,
  answers: ReadonlyMap<string, { readonly tenant: string; readonly status: number; readonly count: number }>,
): string {
  const lines: string[] = []
  const family = (name: string, help: string, samples: readonly (readonly [labels: string, value: number])[]): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`)
    for (const [labels, value] of samples) lines.push(`${name}${labels} ${value}`)
  }
  const byTenant = (count: 'samples' | 'histograms' | 'entries' | 'duplicates'): [string, number][] =>
    store.tenants.map((tenant) => [`{tenant=${quote(tenant)}}`, store.counts(tenant)[count]])

  family('sluice_sink_samples_total', 'Samples accepted.', byTenant('samples'))
  family('sluice_sink_histograms_total', 'Native histograms accepted.', byTenant('histograms'))
  family('sluice_sink_entries_total', 'Log entries accepted.', byTenant('entries'))
  family('sluice_sink_duplicates_total', 'Samples and entries that had been accepted before.', byTenant('duplicates'))
  family(
    'sluice_sink_requests_total',
    'Pushes by the status answered; 0 where a fault took the answer away.',
    [...answers.values()].map(({ tenant, status, count }) => [`{tenant=${quote(tenant)},status="${status}"}`, count]),
  )
  family('sluice_sink_violations_total', 'Rules broken by senders.', [['', store.violationCount]])
  return `${lines.join('\n')}\n`
}

const quote = (value: string): string =>
  `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
