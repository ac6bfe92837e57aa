import { expect, test } from 'vitest'
import { components, reversed } from './order.ts'

/** `a>b,c` per node. */
const edges = (...nodes: readonly string[]) =>
  new Map(
    nodes.map((node) => {
      const [id = '', targets = ''] = node.split('>')
      return [id, new Set(targets.split(',').filter((target) => target !== ''))] as const
    }),
  )
const check = (nodes: readonly string[], want: readonly string[]) =>
  expect(components(edges(...nodes)).map((group) => [...group].sort().join('+'))).toEqual(want)

test('what is referred to comes first, the order of the text otherwise', () => {
  check([], [])
  check(['b>', 'a>'], ['b', 'a'])
  check(['a>b', 'b>c', 'c>'], ['c', 'b', 'a'])
  check(['top>left,right', 'left>bottom', 'right>bottom', 'bottom>'], ['bottom', 'left', 'right', 'top'])
})

test('nodes that reach one another are a group', () => {
  check(['a>b', 'b>a'], ['a+b'])
  check(['a>a'], ['a'])
  check(['x>a', 'a>b', 'b>c', 'c>a,d', 'd>e', 'e>d'], ['d+e', 'a+b+c', 'x'])
})

test('a long chain is no trouble', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) => `n${index}>${index === 19_999 ? '' : `n${index + 1}`}`)
  expect(components(edges(...chain))[0]).toEqual(['n19999'])
})

test('edges the other way round', () => {
  expect(reversed(edges('a>b,c', 'b>c', 'c>'))).toEqual(edges('a>', 'b>a', 'c>a,b'))
})
