// Certificate and key of a listener, followed as they change. A pair that can't be used never replaces one that can:
// renewals write two files one after the other, and in between they don't belong together.

import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createSecureContext } from 'node:tls'
import { watch } from 'chokidar'
import { SluiceError } from '../errors.ts'
import { type Meter, noMeter } from '../telemetry/meter.ts'
import type { ReceiveLog } from './log.ts'

export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
}

export interface Pair {
  readonly cert: Buffer
  readonly key: Buffer
}

/** Reads both files and tries them. Throws SluiceError CONFIG_INVALID. */
export function loadPair(files: TlsFiles): Pair {
  const pair = { cert: readPem(files.certFile, 'certificate'), key: readPem(files.keyFile, 'key') }
  try {
    createSecureContext(pair)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const text = `certificate ${files.certFile} and key ${files.keyFile} can't be used together: ${why}`
    throw new SluiceError('CONFIG_INVALID', text, { cause })
  }
  return pair
}

function readPem(path: string, what: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SluiceError('CONFIG_INVALID', `the TLS ${what} ${path} can't be read: ${why}`, { cause })
  }
}

export interface WatchPairOptions {
  readonly files: TlsFiles
  /** The pair in use. */
  readonly pair: Pair
  /** Takes each new good pair. */
  readonly use: (pair: Pair) => void
  readonly log: ReceiveLog
  readonly meter?: Meter
  /** A change is looked at after this long, in ms; default 200. */
  readonly settleMs?: number
  /** A bad pair is looked at once more after this long before it is reported, in ms; default 1000. */
  readonly patienceMs?: number
  /** Looks without being told, for file systems that don't tell; default every 60 s. */
  readonly pollMs?: number
}

/** Follows the files until the returned function is called. Rejects never; what goes wrong is logged and counted. */
export function watchPair(options: WatchPairOptions): () => Promise<void> {
  const follower = new Follower(options)
  const folders = [...new Set([dirname(options.files.certFile), dirname(options.files.keyFile)])]
  // The folder, not the files: Kubernetes swaps a link beside them.
  const watcher = watch(folders, { depth: 0, ignoreInitial: true, persistent: true })
  // Raw: a link put in another's place is no change to chokidar.
  watcher.on('raw', () => follower.look())
  watcher.on('all', () => follower.look())
  // What changed before the watch began was seen by nobody.
  watcher.on('ready', () => follower.look())
  watcher.on('error', (err) => options.log.warn('TLS files are looked at once a minute only', { err }))
  const poll = setInterval(() => follower.look(), options.pollMs ?? 60_000).unref()
  return async () => {
    clearInterval(poll)
    follower.stop()
    await watcher.close()
  }
}

class Follower {
  readonly #options: WatchPairOptions
  #current: Pair
  #reported = ''
  #timer: NodeJS.Timeout | undefined
  readonly #failures

  constructor(options: WatchPairOptions) {
    this.#options = options
    this.#current = options.pair
    this.#failures = (options.meter ?? noMeter).tally('sluice_tls_cert_reload_failures_total')
  }

  /** Soon; a look that is due already is not put off, or a busy folder would put it off for ever. */
  look(): void {
    if (this.#timer === undefined) this.#after(this.#options.settleMs ?? 200, false)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #after(ms: number, isLast: boolean): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#check(isLast)
    }, ms)
  }

  #check(isLast: boolean): void {
    const { files, use, log } = this.#options
    try {
      const pair = loadPair(files)
      this.#reported = ''
      if (pair.cert.equals(this.#current.cert) && pair.key.equals(this.#current.key)) return
      use(pair)
      this.#current = pair
      log.info('TLS certificate replaced', { certFile: files.certFile })
    } catch (err) {
      if (isLast) this.#report(err)
      else this.#after(this.#options.patienceMs ?? 1000, true)
    }
  }

  #report(err: unknown): void {
    const text = err instanceof Error ? err.message : String(err)
    if (text === this.#reported) return
    this.#reported = text
    this.#failures.value++
    this.#options.log.warn('the changed TLS certificate or key is not used; the old one stays', { err })
  }
}
