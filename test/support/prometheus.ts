// Prometheus as a sender and as a receiver: own folder, own port, scraping every second, and its data at hand.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seriesText } from '../../src/dev/sink/series-text.ts'
import { freePort } from './free-port.ts'
import { type Program, startProgram } from './program.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

export interface PrometheusOptions {
  /** Job name → host:port to scrape. The job `self` scrapes Prometheus itself; its address is filled in. */
  readonly jobs?: Readonly<Record<string, string>>
  /** Applied to what every job scrapes, as metric_relabel_configs. */
  readonly relabel?: readonly object[]
  /** Where it writes to. */
  readonly remoteWrite?: string
  /** Takes remote writes itself. */
  readonly isReceiver?: boolean
  /** Scrapes in protobuf, and keeps and sends native histograms and exemplars. */
  readonly withHistograms?: boolean
}

export interface Prometheus extends Program {
  readonly url: string
  /**
   * Samples of every series that the selector matches with fromMs ≤ t ≤ toMs, by the series' text; times in ms.
   * Stale markers are not among them: no query shows them.
   */
  samples(selector: string, fromMs: number, toMs: number): Promise<Map<string, Map<number, number>>>
}

/** Starts it and waits until it is ready. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = temporaryFolder()
  const address = `127.0.0.1:${await freePort()}`
  const url = `http://${address}`
  writeFileSync(join(folder, 'prometheus.yml'), configuration(options, address))
  const program = startProgram({
    command: 'prometheus',
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      ...(options.isReceiver === true ? ['--web.enable-remote-write-receiver'] : []),
      ...(options.withHistograms === true ? ['--enable-feature=native-histograms,exemplar-storage'] : []),
    ],
  })
  await until(async () => program.end !== undefined || (await fetch(`${url}/-/ready`)).ok, {
    what: 'Prometheus is ready',
    seen: () => program.stderr.slice(-5),
  })
  if (program.end !== undefined) throw new Error(`Prometheus ended:\n${program.stderr.join('\n')}`)
  return Object.assign(program, {
    url,
    samples: (selector: string, fromMs: number, toMs: number) => samplesOf(url, selector, fromMs, toMs),
  })
}

// Batches leave and metadata follows every second, so that a test takes seconds; all else is Prometheus' default.
function configuration(options: PrometheusOptions, own: string): string {
  const { jobs = {}, relabel = [], remoteWrite, withHistograms = false } = options
  const scrapes = Object.entries(jobs).map(([job, target]) => ({
    job_name: job,
    static_configs: [{ targets: [job === 'self' ? own : target] }],
    metric_relabel_configs: relabel,
  }))
  return JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: scrapes,
    ...(remoteWrite !== undefined && {
      remote_write: [
        {
          url: remoteWrite,
          queue_config: { batch_send_deadline: '1s' },
          metadata_config: { send_interval: '1s' },
          send_native_histograms: withHistograms,
          send_exemplars: withHistograms,
        },
      ],
    }),
  })
}

interface MatrixAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly values: readonly (readonly [number, string])[]
    }[]
  }
}

async function samplesOf(
  url: string,
  selector: string,
  fromMs: number,
  toMs: number,
): Promise<Map<string, Map<number, number>>> {
  // A range selector takes both ends in.
  const query = new URLSearchParams({ query: `${selector}[${toMs - fromMs}ms]`, time: String(toMs / 1000) })
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: query })
  if (!response.ok) throw new Error(`${selector}: ${await response.text()}`)
  const { data } = (await response.json()) as MatrixAnswer
  return new Map(
    data.result.map(({ metric, values }) => [
      textOf(metric),
      new Map(values.map(([seconds, value]) => [Math.round(seconds * 1000), numberOf(value)])),
    ]),
  )
}

/** The series' text with its labels in the order that senders give them. */
export function textOf(metric: Readonly<Record<string, string>>): string {
  return seriesText(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'))
}
