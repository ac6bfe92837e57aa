import { expect, test } from 'vitest'
import { pathOf, proxyRoutes } from './routes.ts'

const check = (target: string, want: string): void =>
  expect([target, pathOf(target, proxyRoutes)]).toEqual([target, want])

test('a target is its path: without query, scheme and host, and straightened', () => {
  check('/push', '/push')
  check('/push?x=/a/../b', '/push')
  check('http://host:8081/push?x', '/push')
  check('//push', '/push')
  check('/./api//v1/x/../push', '/api/v1/push')
  check('/../../push', '/push')
  check('/%70ush', '/push')
  check('/push/', '/push/')
  check('/', '/')
  check('/%zz', '/%zz')
  check('*', '/*')
  check('', '/')
})
