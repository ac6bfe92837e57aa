import { expect, test } from 'vitest'
import { maxPushBytes } from './engine.ts'
import { takeBody } from './fetch-body.ts'

const bytes = Uint8Array.of(1, 2, 3, 4)

test('every form of body', async () => {
  const check = async (body: unknown, want: Uint8Array) =>
    expect(Buffer.from(await takeBody(body))).toEqual(Buffer.from(want))
  const surrounded = Uint8Array.of(9, 1, 2, 3, 4, 9)
  async function* chunks() {
    yield bytes.subarray(0, 3)
    yield bytes.subarray(3)
  }
  await check(bytes, bytes)
  await check(Buffer.from(bytes), bytes)
  await check(surrounded.subarray(1, 5), bytes)
  await check(new DataView(surrounded.buffer, 1, 4), bytes)
  await check(new Uint16Array(bytes.buffer), bytes)
  await check(bytes.buffer, bytes)
  const shared = new Uint8Array(new SharedArrayBuffer(4))
  shared.set(bytes)
  await check(shared, bytes)
  await check(shared.buffer, bytes)
  await check(new Blob([bytes]), bytes)
  await check(new Blob([bytes]).stream(), bytes)
  await check(ReadableStream.from(chunks()), bytes)
  await check(chunks(), bytes)
  await check('ä€', Buffer.from('ä€'))
  await check(new URLSearchParams({ a: 'b c' }), Buffer.from('a=b+c'))
  await check(undefined, new Uint8Array(0))
  await check(null, new Uint8Array(0))
})

test('what the caller does to a buffer after the call has no effect', async () => {
  const own = Uint8Array.from(bytes)
  const taken = takeBody(own)
  own.fill(0)
  expect([...(await taken)]).toEqual([...bytes])
})

test('too long: refused before it is read to its end', async () => {
  const check = (body: unknown) => expect(takeBody(body)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE', status: 413 })
  const long = new Uint8Array(maxPushBytes + 1)
  let isCancelled = false
  let given = 0
  const endless = new ReadableStream({
    pull(controller) {
      given += 1 << 20
      controller.enqueue(new Uint8Array(1 << 20))
    },
    cancel() {
      isCancelled = true
    },
  })
  await check(long)
  await check(new Blob([long]))
  await check(endless)
  expect([isCancelled, given < maxPushBytes + (4 << 20)]).toEqual([true, true])
  expect((await takeBody(new Uint8Array(maxPushBytes))).length).toBe(maxPushBytes)
})

test('a silent stream is let go of when the signal is aborted', async () => {
  let cancelled: () => void
  const isCancelled = new Promise<void>((resolve) => {
    cancelled = resolve
  })
  const silent = new ReadableStream({ cancel: () => cancelled() })
  const abort = new AbortController()
  const taken = takeBody(silent, abort.signal)
  const reason = new Error('enough')
  abort.abort(reason)
  await expect(taken).rejects.toBe(reason)
  await isCancelled
})

test('what is no body: an error', async () => {
  const form = new FormData()
  form.append('a', 'b')
  await expect(takeBody(form)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  const locked = new Blob([bytes]).stream()
  locked.getReader()
  await expect(takeBody(locked)).rejects.toThrow(TypeError)
  await expect(takeBody(ReadableStream.from([{}]))).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})
