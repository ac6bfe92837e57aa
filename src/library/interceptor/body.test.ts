import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { collectBody } from './body.ts'

const bytes = new Uint8Array([1, 2, 3, 4])
const never = new AbortController().signal

test('all forms', async () => {
  const check = async (body: unknown, want: Uint8Array) => {
    const collected = await collectBody(body, 4, never)
    expect(Buffer.compare(collected, want)).toBe(0)
  }
  async function* inParts(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 1)
    yield bytes.subarray(1)
  }
  await check(null, new Uint8Array(0))
  await check(undefined, new Uint8Array(0))
  await check(Buffer.from(bytes), bytes)
  await check(bytes, bytes)
  await check(new Uint16Array(bytes.buffer, 2, 1), bytes.subarray(2))
  await check(new DataView(bytes.buffer, 1, 2), bytes.subarray(1, 3))
  await check(bytes.buffer, bytes)
  await check('ab', Buffer.from('ab'))
  await check(Readable.from([Buffer.from('ab'), 'c']), Buffer.from('abc'))
  await check(inParts(), bytes)
  await check([bytes.subarray(0, 2), bytes.subarray(2)], bytes)
  await check(new Blob([bytes]), bytes)
  await check(new Blob([bytes]).stream(), bytes)
  await check(new Response(bytes).body, bytes)
})

test('bytes are not copied', async () => {
  const buffer = Buffer.from(bytes)
  expect(await collectBody(buffer, 4, never)).toBe(buffer)
  expect(await collectBody(Readable.from([buffer]), 4, never)).toBe(buffer)
})

test('what is too long is not read to its end', async () => {
  let given = 0
  const endless = new Readable({
    read() {
      given++
      this.push(Buffer.alloc(1000))
    },
  })
  await expect(collectBody(endless, 5000, never)).rejects.toMatchObject({
    code: 'BODY_TOO_LARGE',
    status: 413,
    message: 'the body is longer than 5000 bytes',
  })
  expect(endless.destroyed).toBe(true)
  expect(given).toBeLessThan(100)
  await expect(collectBody(Buffer.alloc(5), 4, never)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' })
  await expect(collectBody(new Blob([bytes]), 3, never)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' })
})

test('what is no body of a push', async () => {
  const check = async (body: unknown, what: string) =>
    expect(collectBody(body, 4, never)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining(`of type ${what}`),
    })
  const form = new FormData()
  form.append('a', 'b')
  await check(form, 'Array')
  await check({}, 'Object')
  await check([1], 'number')
})

test('an error of the source is the error', async () => {
  const broken = new Readable({ read: () => broken.destroy(new Error('the disk is gone')) })
  await expect(collectBody(broken, 4, never)).rejects.toThrow('the disk is gone')
})

test('abort does not wait for a silent source, and lets go of it', async () => {
  const silent = new Readable({ read: () => undefined })
  const abort = new AbortController()
  const collected = collectBody(silent, 4, abort.signal)
  abort.abort(new Error('enough'))
  await expect(collected).rejects.toThrow('enough')
  expect(silent.destroyed).toBe(true)
  const unread = new Readable({ read: () => undefined })
  await expect(collectBody(unread, 4, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late')
  expect(unread.destroyed).toBe(true)
})
