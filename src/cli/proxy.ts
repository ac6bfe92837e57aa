// `sluice proxy`: starts the proxy and its admin listener, reloads at SIGHUP, ends at SIGTERM.

import { createAdminApp } from '../admin/app.ts'
import { startAdmin } from '../admin/listen.ts'
import type { ReloadOutcome } from '../admin/sources.ts'
import { type Diagnostic, printDiagnostics } from '../config/diagnostics.ts'
import { effectiveSettings } from '../config/effective.ts'
import { resolveProxySettings } from '../config/proxy-settings.ts'
import { restartChanges, type Settings } from '../config/settings.ts'
import { SluiceError } from '../errors.ts'
import { type RunningProxy, startProxy } from '../proxy/proxy.ts'
import { createLogger, type RootLog } from '../telemetry/log.ts'
import { version } from '../version.ts'
import { keepFreedMemory } from './allocator.ts'
import { type ConfigurationSource, readConfiguration, settingsOrFail } from './configuration.ts'
import { orFailure } from './or-failure.ts'
import { ended } from './signals.ts'

/** Runs until SIGTERM or SIGINT; fails with 78 where the configuration is wrong, with 1 where the store can’t be had. */
export async function proxy(source: ConfigurationSource, problems: readonly Diagnostic[]): Promise<void> {
  const started = settingsOrFail(source, problems)
  const settings = resolveProxySettings(started)
  const log = createLogger({ level: settings.logLevel })
  const stop = ended()
  // From the first moment on: without a listener SIGHUP ends the process.
  let reload: (() => Promise<ReloadOutcome>) | undefined
  process.on('SIGHUP', () => void reload?.())
  keepFreedMemory()
  log.info('starting', { version, settings: effectiveSettings(started) })
  const running = await orFailure(startProxy({ settings, log, version }))
  reload = reloader(running, started, source, log)
  const app = createAdminApp({
    notReady: () => running.notReady(),
    reload,
    tenants: () => running.tenants(),
    queues: running.queues,
    rejections: running.rejections,
    explain: (questions) => running.explain(questions),
    metrics: running.metrics,
    onDefect: (error) => log.error('the admin listener failed', { err: error }),
  })
  const { address, required } = settings.adminListen
  const admin = await orFailure(startAdmin({ address, explicitlySet: required, app, log })).catch(
    async (error: unknown) => {
      await running.stop(AbortSignal.abort())
      throw error
    },
  )
  const adminUrl = admin?.url ?? 'off'
  process.stdout.write(
    `sluice ${version} proxy: pushes ${running.url}  metrics ${running.metricsUrl}/metrics  admin ${adminUrl}\n`,
  )
  const { signal, again } = await stop
  log.info('stopping', { signal })
  await running.stop(again)
  await admin?.close()
}

/** Reloads one at a time; a refused configuration changes nothing and says so in log, metric and answer. */
function reloader(
  running: RunningProxy,
  started: Settings,
  source: ConfigurationSource,
  log: RootLog,
): () => Promise<ReloadOutcome> {
  let last: Promise<unknown> = Promise.resolve()
  const once = async (): Promise<ReloadOutcome> => {
    const loaded = readConfiguration(source)
    if (loaded.ok) {
      try {
        const next = loaded.configuration.settings
        running.reload(resolveProxySettings(next))
        const notes = restartChanges(started, next).map(
          (path) => `${path} is another now: it takes effect at the next start`,
        )
        for (const note of notes) log.warn(note)
        log.info('the configuration was reloaded')
        return { ok: true, notes }
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error
        return refused(running, log, error.message)
      }
    }
    return refused(running, log, printDiagnostics(loaded.diagnostics))
  }
  return () => {
    const next = last.then(once, once)
    last = next.catch(() => undefined)
    return next
  }
}

function refused(running: RunningProxy, log: RootLog, diagnostics: string): ReloadOutcome {
  running.reloadFailed()
  log.error('the configuration was not reloaded; the old one stays', { diagnostics })
  return { ok: false, diagnostics }
}
