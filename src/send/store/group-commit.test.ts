import { expect, test } from 'vitest'
import { GroupCommit } from './group-commit.ts'

/** A group commit whose writes end when the test says so. */
function bench(limits: { readonly maxBytes?: number; readonly maxItems?: number } = {}) {
  const writes: { readonly items: readonly string[]; readonly end: (error?: Error) => void }[] = []
  const settled: string[] = []
  const commit = new GroupCommit<string>({
    ...limits,
    write: (items) =>
      new Promise((resolve, reject) => {
        writes.push({ items, end: (error) => (error === undefined ? resolve() : reject(error)) })
      }),
  })
  const add = (item: string, bytes = 1) =>
    void commit.add(item, bytes).then(
      () => settled.push(item),
      (error: Error) => settled.push(`${item}: ${error.message}`),
    )
  return { commit, writes, settled, add }
}
const turn = () => new Promise((resolve) => setTimeout(resolve))

test('calls of one moment go as one write, and none is settled before it has returned', async () => {
  const { commit, writes, settled, add } = bench()
  for (const item of ['a', 'b', 'c']) add(item)
  await turn()
  expect(writes.map(({ items }) => items)).toEqual([['a', 'b', 'c']])
  add('d')
  add('e')
  await turn()
  expect([writes.length, settled]).toEqual([1, []])
  expect(commit.bytes).toBe(5)
  writes[0]!.end()
  await turn()
  expect(settled).toEqual(['a', 'b', 'c'])
  expect(writes[1]!.items).toEqual(['d', 'e'])
  writes[1]!.end()
  await commit.idle()
  await turn()
  expect(settled).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect([commit.bytes, commit.isIdle]).toEqual([0, true])
})

test('a write that fails fails for its own group', async () => {
  const { writes, settled, add } = bench({ maxItems: 2 })
  for (const item of ['a', 'b', 'c']) add(item)
  await turn()
  writes[0]!.end(new Error('disk full'))
  await turn()
  expect(settled).toEqual(['a: disk full', 'b: disk full'])
  writes[1]!.end()
  await turn()
  expect(settled).toEqual(['a: disk full', 'b: disk full', 'c'])
})

test('a group takes no more once it has its bytes or its items', async () => {
  const { writes, add } = bench({ maxBytes: 10, maxItems: 3 })
  add('big', 11)
  for (const item of ['a', 'b', 'c', 'd']) add(item, 1)
  for (let k = 0; k < 3; k++) {
    await turn()
    writes[k]!.end()
  }
  expect(writes.map(({ items }) => items)).toEqual([['big'], ['a', 'b', 'c'], ['d']])
})
