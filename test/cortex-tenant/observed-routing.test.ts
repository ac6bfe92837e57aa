// What cortex-tenant does without having a test for it, seen on the running program: cases V1 to V6, which series goes
// where. Without a word about a difference in its title a case is equal: status, what goes upstream, under which tenant.

import { expect, test } from 'vitest'
import { series, write } from '../support/bodies.ts'
import { startInProcess } from '../support/in-process.ts'

const tenant = (settings: string): string => `timeout: 3s\ntenant: { ${settings} }\n`
const withDefault = tenant('label: tenant, default: def')

test('V1: series go by label, in order, what has none to the default; the label stays', async () => {
  const { push, tenants } = await startInProcess(withDefault)
  const body = write([
    series('__name__=a', 'tenant=A'),
    series('__name__=b', 'tenant=B'),
    series('__name__=c'),
    series('__name__=d', 'tenant=A'),
  ])
  expect(await push(body)).toMatchObject({ status: 200, text: 'Ok' })
  expect(tenants()).toEqual({ A: ['a{tenant="A"}', 'd{tenant="A"}'], B: ['b{tenant="B"}'], def: ['c'] })
})

const removing = tenant('label: tenant, default: def, label_remove: true')

test('V2: label_remove takes the label out and leaves the others in order', async () => {
  const { push, tenants } = await startInProcess(removing)
  await push(write([series('__name__=a', 'job=j', 'tenant=A', 'zone=z')]))
  expect(tenants()).toEqual({ A: ['a{job="j", zone="z"}'] })
})

test('V2: what would be left without labels is refused alone (listed: a series left without labels)', async () => {
  const { push, tenants } = await startInProcess(removing)
  const { status, text } = await push(write([series('__name__=a', 'tenant=A'), series('tenant=B')]))
  expect([status, text]).toEqual([400, expect.stringContaining('rejected no_labels_left (1)')])
  expect(tenants()).toEqual({ A: ['a'] })
})

test('V3: without a default a series that lacks the label makes the answer 400', async () => {
  const { push, sent } = await startInProcess(tenant('label: tenant'))
  const { status, text } = await push(write([series('__name__=b')]))
  expect([status, text]).toEqual([400, expect.stringContaining("label(s): {'tenant'} not found")])
  expect(sent()).toEqual([])
})

const halfMissing = write([series('__name__=a', 'tenant=A'), series('__name__=b')])

test('V3: the others are delivered all the same (listed: per-series rejection)', async () => {
  const { push, tenants } = await startInProcess(tenant('label: tenant'))
  expect((await push(halfMissing)).status).toBe(400)
  expect(tenants()).toEqual({ A: ['a{tenant="A"}'] })
})

test('V3: with tenancy.strict nothing is sent, as there', async () => {
  const { push, sent } = await startInProcess(tenant('label: tenant'), { env: { SLUICE_TENANCY_STRICT: 'true' } })
  expect((await push(halfMissing)).status).toBe(400)
  expect(sent()).toEqual([])
})

test('V4: an empty label counts as none; the series goes to the default as it is', async () => {
  const { push, tenants } = await startInProcess(removing, { strict: false })
  await push(write([series('__name__=a', 'tenant=')]))
  expect(tenants()).toEqual({ def: ['a{tenant=""}'] })
})

const listed = (names: string): string => tenant(`label_list: [${names}], default: def, label_remove: true`)
const both = write([series('__name__=a', 'a_t=x', 'z_t=y')])

test('V5: of two labels in a list in the order of the alphabet the first decides', async () => {
  const { push, tenants } = await startInProcess(listed('a_t, z_t'))
  await push(both)
  expect(tenants()).toEqual({ x: ['a{z_t="y"}'] })
})

test('V5: in another order it is the first of the list (listed: label preference order)', async () => {
  const { push, tenants } = await startInProcess(listed('z_t, a_t'))
  await push(both)
  expect(tenants()).toEqual({ y: ['a{a_t="x"}'] })
})

test('V5: an empty first label does not hide the second (listed: empty values)', async () => {
  const { push, tenants } = await startInProcess(listed('a_t, z_t'), { strict: false })
  await push(write([series('__name__=a', 'a_t=', 'z_t=x')]))
  expect(tenants()).toEqual({ x: ['a{a_t=""}'] })
})

const labelled = write([series('__name__=a', 'tenant=A'), series('__name__=b')])

test('V6: the prefix stands before every id, the default too', async () => {
  const { push, tenants } = await startInProcess(tenant('label: tenant, default: def, prefix: pre-'))
  await push(labelled)
  expect(Object.keys(tenants())).toEqual(['pre-A', 'pre-def'])
})

test('V6: prefix_prefer_source: the sender’s tenant header is the prefix where there is one', async () => {
  const { push, sent } = await startInProcess(
    tenant('label: tenant, default: def, prefix: pre-, prefix_prefer_source: true, header: X-My'),
    { strict: false },
  )
  const mine = () => sent().map(({ headers }) => headers['x-my'])
  await push(labelled, { 'x-my': 'Prom-A' })
  expect(mine().sort()).toEqual(['Prom-A-A', 'Prom-A-def'])
  await push(labelled)
  expect(mine().sort()).toEqual(['pre-A', 'pre-def'])
})
