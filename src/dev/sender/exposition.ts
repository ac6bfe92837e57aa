// Prometheus' text format (0.0.4) of the sample application: what its /metrics answers.

import { sampleFamilies } from './sample-metrics.ts'

export interface ExpositionOptions {
  readonly tenants: readonly string[]
  /** Label that carries the tenant. */
  readonly tenantLabel: string
  readonly tsMs: number
  /** Writes `tsMs` after each value, so that the stored time is the one of the formula. Such series get no stale markers. */
  readonly timestamps: boolean
}

export function renderExposition({ tenants, tenantLabel, tsMs, timestamps }: ExpositionOptions): string {
  const byTenant = tenants.map((tenant) => ({ tenant, families: sampleFamilies(tenant) }))
  const lines: string[] = []
  for (const [f, family] of (byTenant[0]?.families ?? []).entries()) {
    lines.push(`# HELP ${family.name} ${family.help}`, `# TYPE ${family.name} ${family.type}`)
    for (const { tenant, families } of byTenant) {
      for (const { name, labels, value } of families[f]?.series ?? []) {
        const all = [...labels, [tenantLabel, tenant] as const]
        const text = all.map(([label, content]) => `${label}="${escapeValue(content)}"`).join(',')
        lines.push(`${name}{${text}} ${value(tsMs)}${timestamps ? ` ${tsMs}` : ''}`)
      }
    }
  }
  return `${lines.join('\n')}\n`
}

const escapeValue = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
