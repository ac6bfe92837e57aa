// SHA-256 and its HMAC in the shape that @smithy/signature-v4 asks for, from node:crypto.

import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'

type Bytes = string | ArrayBuffer | ArrayBufferView

export class Sha256 {
  readonly #secret: Bytes | undefined
  #state: Hash | Hmac

  constructor(secret?: Bytes) {
    this.#secret = secret
    this.#state = this.#begin()
  }

  update(data: Bytes): void {
    this.#state.update(bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#state.digest()
  }

  reset(): void {
    this.#state = this.#begin()
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(this.#secret))
  }
}

function bytesOf(data: Bytes): string | Uint8Array {
  if (typeof data === 'string') return data
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
