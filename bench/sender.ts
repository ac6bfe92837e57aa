// One sender: one connection kept alive, one request on its way at a time, as one shard of Prometheus sends.
// It never repeats a request: what fails is an error, and the round that it happened in does not count.

import { connect, type Socket } from 'node:net'
import { HttpReader, header } from './http-reader.ts'

/** An answer's status, the beginning of its text unless it is 2xx, and how long it took from the first byte out to the last byte in. */
export interface Outcome {
  readonly status: number
  readonly text: string
  readonly ms: number
}

export class Sender {
  readonly #port: number
  readonly #buffer = Buffer.allocUnsafe(65_536)
  #socket: Socket | undefined
  #waiting: { started: number; resolve: (outcome: Outcome) => void; reject: (error: Error) => void } | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** Connects, if it is not connected. */
  connect(): Promise<void> {
    if (this.#socket !== undefined) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const reader = this.#reader()
      const socket = connect({
        host: '127.0.0.1',
        port: this.#port,
        noDelay: true,
        onread: {
          buffer: this.#buffer,
          callback: (length) => {
            try {
              reader.push(this.#buffer.subarray(0, length))
            } catch (error) {
              socket.destroy(error as Error)
            }
            return true
          },
        },
      })
      this.#socket = socket
      let fault = new Error('the connection was closed before the answer')
      socket.once('connect', resolve)
      socket.on('error', (error) => {
        fault = error
      })
      socket.on('end', () => socket.destroy())
      socket.on('close', () => {
        if (this.#socket === socket) this.#socket = undefined
        reject(fault)
        this.#settle()?.reject(fault)
      })
      socket.resume()
    })
  }

  /** Sends a whole request, head and body. Rejects if no answer comes. */
  async send(request: Buffer): Promise<Outcome> {
    if (this.#socket === undefined) await this.connect()
    return new Promise((resolve, reject) => {
      this.#waiting = { started: performance.now(), resolve, reject }
      this.#socket?.write(request)
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  #settle() {
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }

  #reader(): HttpReader {
    let status = 0
    let text = ''
    let last = false
    return new HttpReader({
      head: (head) => {
        status = Number(head.slice(9, 12))
        text = ''
        last = header(head, 'connection')?.toLowerCase() === 'close'
      },
      body: (piece) => {
        if (status > 299 && text.length < 300) text += piece.toString('utf8', 0, 300)
      },
      end: () => {
        const waiting = this.#settle()
        if (last) {
          this.#socket?.destroy()
          this.#socket = undefined
        }
        waiting?.resolve({ status, text, ms: performance.now() - waiting.started })
      },
    })
  }
}
