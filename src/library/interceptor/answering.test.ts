import { expect, test } from 'vitest'
import { Answering } from './answering.ts'
import type { DispatchHandler } from './dispatch.ts'

const response = { status: 400, headers: { 'content-type': 'text/plain' }, body: Buffer.from('no') }

/** A handler that writes down what it hears; `react` runs after each call. */
function listening(react: (heard: string, answering: Answering) => void = () => undefined) {
  const calls: string[] = []
  const note = (heard: string) => {
    calls.push(heard)
    react(heard, answering)
  }
  const handler: DispatchHandler = {
    onRequestStart: () => note('start'),
    onResponseStart: (controller, status, headers, message) =>
      note(`head ${status} ${message} ${JSON.stringify(headers)} ${(controller.rawHeaders as Buffer[]).join('|')}`),
    onResponseData: (_, chunk) => note(`data ${chunk}`),
    onResponseEnd: (_, trailers) => note(`end ${JSON.stringify(trailers)}`),
    onResponseError: (controller, error) => note(`error ${error.message} ${controller?.aborted}`),
  }
  const answering = new Answering(handler)
  return { calls, answering }
}

const head = 'head 400 Bad Request {"content-type":"text/plain"} content-type|text/plain'
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('in order', () => {
  const { calls, answering } = listening()
  answering.start()
  answering.answer(response)
  expect(calls).toEqual(['start', head, 'data no', 'end {}'])
})

test('without a body there is no data', () => {
  const { calls, answering } = listening()
  answering.answer({ status: 204, headers: {}, body: new Uint8Array(0) })
  expect(calls).toEqual(['head 204 No Content {} ', 'end {}'])
})

test('paused after the head, and after the data', () => {
  const { calls, answering } = listening((heard, { pause }) => heard !== 'start' && pause.call(answering))
  answering.answer(response)
  expect(calls).toEqual([head])
  expect(answering.paused).toBe(true)
  answering.resume()
  expect(calls).toEqual([head, 'data no'])
  answering.resume()
  expect(calls).toEqual([head, 'data no', 'end {}'])
})

test('resumed at once: no step inside another', () => {
  const { calls, answering } = listening((heard, own) => {
    if (!heard.startsWith('head')) return
    own.pause()
    own.resume()
    calls.push('after the head')
  })
  answering.answer(response)
  expect(calls).toEqual([head, 'after the head', 'data no', 'end {}'])
})

test('aborted before the answer: one error, later, and the signal', async () => {
  const { calls, answering } = listening((heard, own) => {
    if (heard === 'start') own.abort(new Error('enough'))
  })
  answering.start()
  expect(calls).toEqual(['start'])
  expect(answering.signal.reason).toEqual(new Error('enough'))
  answering.answer(response)
  answering.fail(new Error('late'))
  answering.abort(new Error('again'))
  await turn()
  expect(calls).toEqual(['start', 'error enough true'])
})

test('aborted while paused', async () => {
  const { calls, answering } = listening((heard, own) => heard.startsWith('head') && own.pause())
  answering.answer(response)
  answering.abort()
  answering.resume()
  await turn()
  expect(calls).toEqual([head, 'error The request was aborted true'])
})

test('aborted after its end: nothing', async () => {
  const { calls, answering } = listening()
  answering.answer(response)
  answering.abort(new Error('late'))
  await turn()
  expect(calls.at(-1)).toBe('end {}')
})

test('failed', () => {
  const { calls, answering } = listening()
  answering.fail(new Error('no'))
  answering.fail(new Error('again'))
  expect(calls).toEqual(['error no false'])
})

test('a handler that throws hears of it', async () => {
  const { calls, answering } = listening((heard) => {
    if (heard.startsWith('head')) throw new Error('mine')
  })
  answering.answer(response)
  await turn()
  expect(calls).toEqual([head, 'error mine true'])
})
