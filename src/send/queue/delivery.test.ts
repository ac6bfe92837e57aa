import { expect, test } from 'vitest'
import { bodyOf, itemsIn } from '../../../test/support/queue.ts'
import type { PartAnswer } from '../../tenancy/merge-answers.ts'
import { joinBlocks } from '../../wire/snappy.ts'
import { remoteWrite1 } from '../../wire/v1/codec.ts'
import { remoteWrite2 } from '../../wire/v2/codec.ts'
import { taken } from './answers.ts'
import { Delivery } from './delivery.ts'
import { Ticket } from './ticket.ts'

const answerOf = (status: number): PartAnswer => ({ ...taken('a'), status, answered: true })

/** A batch of one push for each list of names, and what its senders were told. */
function bench(pushes: readonly (readonly string[])[]) {
  const told: string[] = []
  const spans = pushes.map((names, k) => ({
    ticket: new Ticket(names.length, ({ status }) => void told.push(`${k}: ${status}`)),
    series: names.length,
  }))
  const body = joinBlocks(
    pushes.map((names) =>
      bodyOf(
        names.map((name) => `a/${name}`),
        1,
      ),
    ),
  )
  const series = pushes.flat().length
  const delivery = new Delivery({ codec: remoteWrite1, body, series, samples: series, spans })
  const refused: string[] = []
  const sent: string[] = []
  const rules = {
    retryOnHttp429: true,
    onRefused: (count: number, samples: number) => void refused.push(`${count}/${samples}`),
  }
  /** Sends all of it to an upstream that says this, until it is done or is to wait. */
  const send = (upstream: (names: string[]) => number, more = {}) => {
    for (;;) {
      const names = itemsIn(delivery.next!.body).map((item) => item.split('@')[0]!)
      sent.push(names.join(''))
      const progress = delivery.answered(answerOf(upstream(names)), { ...rules, ...more })
      if (progress !== 'more') return progress
    }
  }
  return { delivery, told, refused, sent, send }
}

test('taken: all are told so', () => {
  const { send, told, delivery } = bench([['p'], ['q', 'r']])
  expect([send(() => 202), told, delivery.next]).toEqual(['done', ['0: 202', '1: 202'], undefined])
})

test('what may be retried: nobody is told, all of it stays', () => {
  const check = (status: number, want: string, more = {}) => {
    const { send, told, delivery } = bench([['p'], ['q']])
    expect([send(() => status, more), told.length, delivery.isWhole]).toEqual([
      want,
      want === 'later' ? 0 : 2,
      want === 'later',
    ])
  }
  for (const status of [500, 503, 408, 302, 429]) check(status, 'later')
  check(429, 'done', { retryOnHttp429: false })
})

test('refused: once more as its parts, in order; a part alone is refused for good', () => {
  const { send, told, refused, sent } = bench([['p'], ['x', 'q'], ['r']])
  expect(send((names) => (names.includes('x') ? 422 : 200))).toBe('done')
  expect(sent).toEqual(['pxqr', 'p', 'xq', 'r'])
  expect([told, refused]).toEqual([['0: 200', '1: 422', '2: 200'], ['2/2']])
})

test('too large: in halves, down to one series; a part that was torn is told of its worst', () => {
  const { send, told, refused, sent } = bench([
    ['p', 'q', 'r'],
    ['s', 't'],
  ])
  expect(send((names) => (names.length > 1 || names[0] === 's' ? 413 : 200))).toBe('done')
  expect(sent).toEqual(['pqrst', 'pq', 'p', 'q', 'rst', 'r', 'st', 's', 't'])
  expect([told, refused]).toEqual([['0: 200', '1: 413'], ['1/1']])
})

test('failed half-way: what is left stays, and goes on later', () => {
  const { send, told, sent, delivery } = bench([['p'], ['q'], ['r']])
  expect(send((names) => (names.length > 1 ? 400 : names[0] === 'q' ? 503 : 200))).toBe('later')
  expect([told, delivery.isWhole, delivery.samples]).toEqual([['0: 200'], false, 2])
  delivery.settle(taken('a'))
  expect(told).toEqual(['0: 200', '1: 204', '2: 204'])
  expect(send(() => 200)).toBe('done')
  expect([sent, told.length]).toEqual([['pqr', 'p', 'q', 'q', 'r'], 3])
})

test('bytes that can’t be cut are refused as a whole', () => {
  const told: number[] = []
  const spans = ['p', 'q'].map(() => ({ ticket: new Ticket(1, ({ status }) => void told.push(status)), series: 1 }))
  const delivery = new Delivery({ codec: remoteWrite1, body: Buffer.from('no snappy'), series: 2, samples: 2, spans })
  expect(delivery.answered(answerOf(400), { retryOnHttp429: true, onRefused: () => undefined })).toBe('done')
  expect(told).toEqual([400, 400])
})

test('a ticket tells what is worth repeating before what is not, and that before success', () => {
  const check = (statuses: readonly number[], want: number) => {
    let told = 0
    const ticket = new Ticket(statuses.length, ({ status }) => (told = status))
    for (const status of statuses) {
      expect(told).toBe(0)
      ticket.note(1, answerOf(status))
    }
    expect(told).toBe(want)
  }
  check([200, 204], 200)
  check([200, 400, 200], 400)
  check([400, 503, 200], 503)
  check([429, 400], 429)
})

test('what only some of the merged parts could not have sent is told to their senders alone', () => {
  const told: unknown[] = []
  const written = (samples: number, histograms: number) => ({ samples, histograms, exemplars: 0 })
  const spans = [written(1, 0), written(0, 3), written(1, 1)].map((own, k) => ({
    ticket: new Ticket(2, (answer) => void told.push([k, answer.status, answer.unsent, answer.written])),
    series: 2,
    written: own,
  }))
  const delivery = new Delivery({ codec: remoteWrite2, body: Buffer.alloc(0), series: 6, samples: 6, spans })
  const answer = { ...answerOf(204), written: written(2, 2), unsent: 2, unsentOf: [2, 2] }
  delivery.answered(answer, { retryOnHttp429: true, onRefused: () => undefined })
  expect(told).toEqual([
    [0, 204, undefined, written(1, 0)],
    [1, 204, 2, written(0, 1)],
    [2, 204, undefined, written(1, 1)],
  ])
})
