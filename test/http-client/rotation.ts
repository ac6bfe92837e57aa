// Files that are replaced while senders go on, and the account of what became of each request.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { SluiceError } from '../../src/errors.ts'
import type { HttpClient } from '../../src/library/create-http-client.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { apply, type Change, type Contents } from './change.ts'
import type { Received, Reply } from './loopback-server.ts'

/** files: each is replaced by itself, in one of three ways. kubernetes: all at once. */
export type Layout = 'files' | 'kubernetes'

export interface Account {
  readonly delivered: number
  /** Those that met a broken file, and were not sent. */
  readonly refused: number
  /** Versions that requests went out with. */
  readonly versions: number
}

const senders = 8
/** Requests that each state of the files lasts for: it is they that are waited for, not time. */
const perState = { min: 4, max: 24 }

export class RotatingFiles {
  readonly #folder = temporaryFolder()
  readonly #layout: Layout
  readonly #contentsOf: (version: number) => Contents
  readonly #arrived = new Set<string>()
  readonly #used = new Set<number>()
  /** Started in this state of the files. */
  #requests = 0
  #isOver = false
  /** The version whose files are all in place; it and newer ones are valid. */
  oldest = 0
  /** The version whose first file may be in place. */
  newest = 0

  /** Called when a version is all in place. */
  onReplaced: (version: number) => void = () => undefined

  /** Puts version 0 in place, in a folder of its own. */
  constructor(layout: Layout, contentsOf: (version: number) => Contents) {
    this.#layout = layout
    this.#contentsOf = contentsOf
    for (const change of this.#changes(0)) apply(change)
    if (layout === 'kubernetes')
      for (const name in contentsOf(0)) symlinkSync(join('..data', name), join(this.#folder, name))
  }

  path(name: string): string {
    return join(this.#folder, name)
  }

  /** For a server: answers 200 if `version` was valid when the request was sent, else 401. */
  judge({ headers }: Received, version: number): Reply {
    const id = String(headers['x-id'])
    expect(this.#arrived.has(id), `request ${id} came twice`).toBe(false)
    this.#arrived.add(id)
    this.#used.add(version)
    const isValid = version >= Number(headers['x-oldest']) && version <= this.newest
    return { status: isValid ? 200 : 401, body: `sent with ${version}, not ${headers['x-oldest']} to ${this.newest}` }
  }

  /** Sends from eight senders, one request after the other each, while the files are replaced. */
  async underLoad(send: HttpClient['send'], url: string, requests: number): Promise<Account> {
    const changer = fork(new URL('./file-changer.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
    onTestFinished(() => {
      this.#isOver = true
      changer.kill()
    })
    let refused = 0
    const sendSome = async (sender: number) => {
      for (let k = 0; k < requests / senders; k++) if (!(await this.#send(send, url, `${sender}/${k}`))) refused++
    }
    const sendAll = async () => {
      await Promise.all(Array.from({ length: senders }, (_, sender) => sendSome(sender)))
      this.#isOver = true
    }
    await Promise.all([this.#replace(changer), sendAll()])
    return { delivered: this.#arrived.size, refused, versions: this.#used.size }
  }

  /** Whether it was delivered; if not, it met a broken file. */
  async #send(send: HttpClient['send'], url: string, id: string): Promise<boolean> {
    while (this.#requests >= perState.max && !this.#isOver) await setImmediate()
    this.#requests++
    const { oldest } = this
    const headers = { 'x-id': id, 'x-oldest': String(oldest) }
    try {
      const { status, body } = await send({ method: 'POST', url, headers, body: Buffer.from(id), timeoutMs: 20_000 })
      expect(status, Buffer.from(body).toString()).toBe(200)
      return true
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      expect(error.code, error.message).toBe('CREDENTIALS_UNAVAILABLE')
      expect(this.#arrived.has(id), `request ${id} was refused and arrived`).toBe(false)
      expect(this.newest, `${error.message}, though no file was being replaced`).toBeGreaterThan(oldest)
      return false
    }
  }

  async #replace(changer: ChildProcess): Promise<void> {
    for (let version = 1; !this.#isOver; version++) {
      await this.#nextState()
      this.newest = version
      for (const change of this.#changes(version)) {
        if (this.#isOver) return
        changer.send(change)
        await once(changer, 'message')
        if (isBroken(change)) await this.#nextState()
      }
      this.oldest = version
      this.onReplaced(version)
    }
  }

  /** What is in place now has lasted long enough. */
  async #nextState(): Promise<void> {
    while (this.#requests < perState.min && !this.#isOver) await setImmediate()
    this.#requests = 0
  }

  #changes(version: number): readonly Change[] {
    const contents = this.#contentsOf(version)
    if (this.#layout === 'kubernetes') return [{ how: 'swap', folder: this.#folder, version, contents }]
    return Object.entries(contents).flatMap(([name, text]): Change[] => {
      const path = this.path(name)
      if (version % 3 === 0)
        return [
          { how: 'write', path, text: '' },
          { how: 'write', path, text },
        ]
      if (version % 3 === 1)
        return [
          { how: 'remove', path },
          { how: 'replace', path, text },
        ]
      return [{ how: 'replace', path, text }]
    })
  }
}

/** What it leaves behind is not what should be there in the end. */
const isBroken = (change: Change): boolean => change.how === 'remove' || (change.how === 'write' && change.text === '')
