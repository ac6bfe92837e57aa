import { expect, test } from 'vitest'
import { explain } from './explain.ts'

test('the decision with its steps', () => {
  expect(explain({ tenant: 'a', x: 'y' }, { labels: ['tenant'], prefix: 'p-' })).toEqual({
    tenant: 'p-a',
    outcome: 'tenant',
    rule: 'label tenant',
    trace: ['label tenant = "a": chosen', 'tenant "p-a" by label tenant'],
  })
  expect(explain({ tenant: 'b', x: 'y' }, { labels: ['tenant'], deny: ['b'] })).toMatchObject({
    tenant: 'b',
    outcome: 'rejected',
    rule: 'on_invalid',
    reason: 'denied_tenant',
  })
})

test('a list may have a name twice; the prefix may come from a header', () => {
  const labels = [
    { name: '__name__', value: 'm' },
    { name: 'tenant', value: 'first' },
    { name: 'tenant', value: 'second' },
  ]
  const options = { labels: ['tenant'], prefixFromHeader: 'X-Env', inboundHeaders: { 'X-Env': 'prod' } }
  expect(explain(labels, options)).toMatchObject({ tenant: 'prod-first', outcome: 'tenant' })
})

test('the options of a whole program will do', () => {
  const shared = { labels: ['tenant'], onTenantResult: () => undefined, onRefused: () => undefined }
  expect(explain({ tenant: 'a', x: 'y' }, shared)).toMatchObject({ tenant: 'a' })
})

test('without options: the reserved label', () => {
  expect(explain({ __tenant_id__: 'a', x: 'y' })).toMatchObject({ tenant: 'a', outcome: 'tenant' })
  expect(explain({ x: 'y' })).toMatchObject({ outcome: 'rejected', reason: 'missing_tenant' })
})
