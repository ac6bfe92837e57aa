// docs/metrics.md, made from the catalogue: what is documented is what is exposed.

import { code, table } from '../config/markdown.ts'
import { catalogue, labelTable, type MetricSpec } from './catalogue.ts'

const aboutCt = `Names, labels and buckets are cortex-tenant's, so that its dashboards and alerts go on working. Counters lack
\`_total\` for that reason. \`tenant\` is empty unless \`metrics_include_tenant\` is set; it is the id that is sent upstream,
prefix included, in all of them. Durations are milliseconds; cortex-tenant's own were too small by a factor of 1 000 000.
Its \`*_request_errors\` count requests that got no answer; answers of 4xx and 5xx are in the duration's \`code\`.`

const aboutPrometheus = `Where there is a queue (\`queue.enabled\`), it has the metrics of Prometheus' own remote write, so that dashboards and
alerts made for those go on working. They sum over all tenants of an endpoint; where a sum would say nothing (shards), they
are those of the tenant that needs most, since each has lanes of its own. Left out are metrics of what the queue does
not do: it blocks nobody who puts something in (\`enqueue_retries\`), opens no series to look for exemplars and
histograms, and metadata does not go through it.`

const aboutComponents = `The components of the agent have metrics of Alloy's names, each with its own \`component_id\`; they go with the component.`

const isOfComponent = ([, spec]: [string, MetricSpec]): boolean => spec.labels.includes('component_id')
const isPrometheus = ([name, spec]: [string, MetricSpec]): boolean =>
  name.startsWith('prometheus_') && !isOfComponent([name, spec])

/** The page; it ends with a line break. */
export function metricsPage(): string {
  const all = Object.entries<MetricSpec>(catalogue)
  const labels = Object.entries(labelTable).map(([label, values]) => [code(label), values])
  const buckets = all.flatMap(([name, spec]) => (spec.buckets ? [[code(name), spec.buckets.join(', ')]] : []))
  return `# Metrics

<!-- Made by \`npm run docs\` from src/telemetry/catalogue.ts. Edits here are lost. -->

All metrics: where they are served, what each counts, and which values its labels have.

The metrics listener (\`listen_metrics_address\`) serves them as text at \`/metrics\`; so does the admin listener
(\`server.http.listen_addr\`), which has them as JSON at \`/api/v1/metrics\` too. The agent has them at both paths of its
HTTP server. Those of Node.js and the process
(\`nodejs_*\`, \`process_*\`) are among them.

## Sluice

${metricsTable(all.filter((metric) => metric[1].ct !== true && !isPrometheus(metric) && !isOfComponent(metric)))}

## Prometheus

${aboutPrometheus}

${metricsTable(all.filter(isPrometheus))}

## Components of the agent

${aboutComponents}

${metricsTable(all.filter(isOfComponent))}

## cortex-tenant

${aboutCt}

${metricsTable(all.filter(([, spec]) => spec.ct === true))}

## Labels

${table(['label', 'values'], labels)}

## Buckets

${table(['histogram', 'upper bounds'], buckets)}
`
}

const metricsTable = (metrics: readonly [string, MetricSpec][]): string =>
  table(
    ['name', 'type', 'labels', 'unit', 'what it says'],
    metrics.map(([name, spec]) => [
      code(name),
      spec.type,
      spec.labels.map(code).join(', ') || '–',
      spec.unit === 'none' ? '–' : spec.unit,
      spec.help,
    ]),
  )
