// The files of a running agent, from the disk into its components: checked before the first load touches anything, and
// what becomes of each load said in log and metrics.

import { createHash } from 'node:crypto'
import { type Diagnostic, hasErrors } from '../../config/diagnostics.ts'
import { SluiceError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Meter } from '../../telemetry/meter.ts'
import { checkSources } from '../graph/check.ts'
import type { CheckOptions, Graph, Source } from '../graph/graph-options.ts'
import { readSources } from '../graph/read-sources.ts'
import { printAlloyDiagnostics } from '../syntax/print-diagnostics.ts'

export type LoadOutcome =
  | { readonly ok: true }
  /** In Alloy's form. The configuration before it stays. */
  | { readonly ok: false; readonly diagnostics: string }

export interface LoaderOptions extends CheckOptions {
  readonly path: string
  readonly log: Log
  readonly meter: Meter
}

export interface Loader {
  /** Rejects with SluiceError CONFIG_INVALID where a load would fail, as far as that can be known. */
  check(): Promise<void>
  /** One after the other. */
  load(graph: Graph): Promise<LoadOutcome>
}

export function createLoader({ path, log, meter, ...options }: LoaderOptions): Loader {
  let last: Promise<unknown> = Promise.resolve()
  let isLoaded = false
  const took = (sources: readonly Source[]): void => {
    isLoaded = true
    meter.tally('sluice_config_last_reload_successful').value = 1
    meter.tally('sluice_config_last_reload_success_timestamp_seconds').value = Date.now() / 1000
    meter.tally('sluice_config_hash').value = hashOf(sources)
  }
  const once = async (graph: Graph): Promise<LoadOutcome> => {
    const { sources, diagnostics: unread } = await readSources(path)
    const loaded = hasErrors(unread) ? undefined : await graph.load(sources)
    if (loaded?.isLoaded === true) {
      warn(loaded.diagnostics, log)
      log.info(isLoaded ? 'the configuration was reloaded' : 'the configuration was loaded', { path })
      took(sources)
      return { ok: true }
    }
    const found = [...unread, ...(loaded?.diagnostics ?? [])]
    const text =
      found.length === 0 ? 'the program is stopping' : printAlloyDiagnostics(loaded?.texts ?? new Map(), found)
    if (isLoaded) {
      meter.tally('sluice_config_last_reload_successful').value = 0
      log.error('the configuration was not reloaded; the old one stays', { diagnostics: text.trimEnd() })
    }
    return { ok: false, diagnostics: text.trimEnd() }
  }
  return {
    async check() {
      const { sources, diagnostics: unread } = await readSources(path)
      const { diagnostics, texts } = checkSources(sources, options)
      const all = [...unread, ...diagnostics]
      if (hasErrors(all)) throw new SluiceError('CONFIG_INVALID', printAlloyDiagnostics(texts, all).trimEnd())
    },
    load(graph) {
      const next = last.then(() => once(graph))
      last = next.catch(() => undefined)
      return next
    },
  }
}

function warn(diagnostics: readonly Diagnostic[], log: Log): void {
  for (const { file, line, col, message, hint } of diagnostics) {
    log.warn(message, { at: `${file}:${line}:${col}`, ...(hint !== undefined && { hint }) })
  }
}

/** 48 bits of it, which a metric's value can hold. */
const hashOf = (sources: readonly Source[]): number =>
  createHash('sha256').update(JSON.stringify(sources)).digest().readUIntBE(0, 6)
