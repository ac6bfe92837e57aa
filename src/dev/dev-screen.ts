// The words of `sluice dev`: banner, lines, verdict. Pure text; plain lines, so that they read the same in a terminal
// and in a container's log.

import { styleText } from 'node:util'
import type { DeliveryCheck } from './check-delivery.ts'

export type Paint = (style: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string) => string

/** Colours on a terminal, none elsewhere, none where NO_COLOR is set (no-color.org). */
export function makePaint(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  return stream.isTTY === true && !env.NO_COLOR
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text
}

export interface BannerFacts {
  readonly version: string
  readonly readyMs: number
  /** Of the proxy, without a path. */
  readonly proxyUrl: string
  readonly sinkUrl: string
  readonly metricsUrl: string | undefined
  readonly tenantLabel: string
}

export function banner(facts: BannerFacts, paint: Paint): string[] {
  const row = (what: string, url: string, about: string): string => `  ${paint('bold', what.padEnd(9))}${url}${about}`
  return [
    `${paint('bold', `Sluice ${facts.version}`)} ${paint('dim', `ready in ${Math.round(facts.readyMs)} ms`)}`,
    '',
    row('push to', `${facts.proxyUrl}/api/v1/push`, '  remote write 1'),
    row('logs to', `${facts.proxyUrl}/loki/api/v1/push`, '  Loki'),
    row('arrived', `${facts.sinkUrl}/api/tenants`, '  what the test receiver got, by tenant'),
    ...(facts.metricsUrl === undefined ? [] : [row('metrics', facts.metricsUrl, "  Sluice's own")]),
    '',
    `  The label "${facts.tenantLabel}" names the tenant. To send from your Prometheus too, add to prometheus.yml:`,
    '',
    '    remote_write:',
    `      - url: ${facts.proxyUrl}/api/v1/push`,
    '        write_relabel_configs:',
    `          - target_label: ${facts.tenantLabel}`,
    '            replacement: my-team',
    '',
  ]
}

export interface TenantRow {
  readonly tenant: string
  /** Samples that the receiver took. */
  readonly delivered: number
  /** Pushes for this tenant that it refused, or never answered. */
  readonly failed: number
  readonly broken: boolean
}

/** One line: the time since the start, then every tenant. */
export function tenantLine(seconds: number, rows: readonly TenantRow[], paint: Paint): string {
  const cells = rows.map(({ tenant, delivered, failed, broken }) => {
    const text = `${tenant} ${String(delivered).padStart(5)} delivered ${String(failed).padStart(3)} failed`
    return paint(broken ? 'red' : 'green', text)
  })
  return `${clockText(seconds, paint)}  ${cells.join('   ')}`
}

export function brokenLine(seconds: number, tenant: string, others: readonly string[], paint: Paint): string {
  const text = `${tenant}'s backend answers 500 from now on, on purpose. Watch ${others.join(' and ')}.`
  return `${clockText(seconds, paint)}  ${paint('yellow', text)}`
}

export function recoveredLine(seconds: number, tenant: string, retries: number, paint: Paint): string {
  const text = `${tenant}'s backend is healthy again. The sender repeated whole pushes ${retries} times meanwhile.`
  return `${clockText(seconds, paint)}  ${paint('yellow', text)}`
}

/** What came of it, one line a tenant. */
export function verdictLines(seconds: number, checks: readonly DeliveryCheck[], paint: Paint): string[] {
  return checks.map(({ tenant, made, once, missing, twice, wrong }) => {
    const well = once === made
    const text = well
      ? `${tenant}: all ${made} samples arrived exactly once`
      : `${tenant}: of ${made} samples ${once} arrived exactly once, ${missing} are missing, ${twice} came twice, ${wrong} are wrong`
    return `${clockText(seconds, paint)}  ${paint(well ? 'green' : 'red', text)}`
  })
}

export function goingOnLine(paint: Paint): string {
  return paint('dim', '        Going on until Ctrl+C.')
}

const clockText = (seconds: number, paint: Paint): string => paint('dim', `${String(seconds).padStart(4)} s`)
