// `sluice dev`: the quick start. Test receiver, sender of three tenants and the proxy between them, in one process.

import { parseFlags } from '../config/flags.ts'
import { loadConfiguration } from '../config/load.ts'
import { resolveProxySettings } from '../config/proxy-settings.ts'
import { makePaint } from '../dev/dev-screen.ts'
import { type DevProxy, type DevProxyOptions, runDev } from '../dev/run-dev.ts'
import { startProxy } from '../proxy/proxy.ts'
import { createLogger } from '../telemetry/log.ts'
import { version } from '../version.ts'
import { CommandFailure, exitCode } from './exit.ts'
import { ended } from './signals.ts'

export interface DevCommandOptions {
  readonly pushes?: string
  readonly interval: string
}

/** Runs until SIGINT, or until so many pushes were made; fails with 1 where a healthy tenant was harmed. */
export async function dev(options: DevCommandOptions): Promise<void> {
  const stop = new AbortController()
  void ended().then(() => stop.abort())
  const { checks } = await runDev({
    version,
    startProxy: startDevProxy,
    write: (line) => process.stdout.write(`${line}\n`),
    paint: makePaint(process.stdout, process.env),
    signal: stop.signal,
    intervalMs: positive('--interval', options.interval),
    ...(options.pushes !== undefined && { until: positive('--pushes', options.pushes) }),
  })
  const harmed = checks.filter((check) => check.once < check.made)
  if (harmed.length > 0)
    throw new CommandFailure(exitCode.failed, `not every sample arrived once: ${JSON.stringify(harmed)}`)
}

function positive(flag: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1)
    throw new CommandFailure(exitCode.usage, `${flag} "${text}": give a whole number from 1 on`)
  return number
}

/** The proxy as a file of settings would start it; what only a server needs is on free ports. */
async function startDevProxy({ target, targetLoki, listen, tenantLabel }: DevProxyOptions): Promise<DevProxy> {
  const { values } = parseFlags([
    `--listen=${listen}`,
    '--listen_metrics_address=127.0.0.1:0',
    `--target=${target}`,
    `--target_loki=${targetLoki}`,
    `--tenancy.labels=${tenantLabel}`,
    '--tenancy.keep_label=false',
  ])
  const loaded = loadConfiguration({ flags: values })
  if (!loaded.ok) throw new Error(`the quick start’s own settings are wrong: ${JSON.stringify(loaded.diagnostics)}`)
  const settings = resolveProxySettings(loaded.configuration.settings)
  const proxy = await startProxy({ settings, log: createLogger({ level: 'error' }), version })
  return {
    url: proxy.url,
    metricsUrl: `${proxy.metricsUrl}/metrics`,
    close: () => proxy.stop(AbortSignal.abort()),
  }
}
