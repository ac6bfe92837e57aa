// docs/metrics.md, made from the catalogue: what is documented is what is exposed.

import { catalogue, labelTable, type MetricSpec } from './catalogue.ts'

const head = `# Metrics

<!-- Made by \`npm run docs\` from src/telemetry/catalogue.ts. Edits here are lost. -->

Served as text on the metrics listener (\`listen_metrics_address\`, \`/metrics\`) and on the admin listener
(\`server.http.listen_addr\`): \`/metrics\` as text, \`/api/v1/metrics\` as JSON.

The metrics of Node.js and the process (\`process_*\`, \`nodejs_*\`) are exposed too.
`

const aboutCt = `Names, labels and buckets are cortex-tenant's, so that its dashboards and alerts go on working. Counters lack
\`_total\` for that reason. \`tenant\` is empty unless \`metrics_include_tenant\` is set; it is the id that is sent upstream,
prefix included, in all of them. Durations are milliseconds; cortex-tenant's own were too small by a factor of 1 000 000.
Its \`*_request_errors\` count requests that got no answer; answers of 4xx and 5xx are in the duration's \`code\`.`

/** The text of docs/metrics.md. */
export function metricsPage(): string {
  const all = Object.entries<MetricSpec>(catalogue)
  const sections = [
    head,
    '## Sluice\n',
    table(all.filter(([, spec]) => spec.ct !== true)),
    '## cortex-tenant\n',
    `${aboutCt}\n`,
    table(all.filter(([, spec]) => spec.ct === true)),
    '## Labels\n',
    rows(
      ['label', 'values'],
      Object.entries(labelTable).map(([label, values]) => [code(label), values]),
    ),
    '## Buckets\n',
    rows(
      ['histogram', 'upper bounds'],
      all.flatMap(([name, { buckets }]) => (buckets === undefined ? [] : [[code(name), buckets.join(', ')]])),
    ),
  ]
  return sections.join('\n')
}

function table(metrics: [string, MetricSpec][]): string {
  return rows(
    ['name', 'type', 'labels', 'unit', 'what it says'],
    metrics.map(([name, spec]) => [
      code(name),
      spec.type,
      spec.labels.map(code).join(', ') || '–',
      spec.unit === 'none' ? '–' : spec.unit,
      spec.help,
    ]),
  )
}

function rows(head: string[], body: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return line(head) + line(head.map(() => '---')) + body.map(line).join('')
}

function code(text: string): string {
  return `\`${text}\``
}
