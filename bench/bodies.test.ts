import { expect, test } from 'vitest'
import { decodeWriteRequest } from '../src/dev/decode.ts'
import { uncompress } from '../src/wire/snappy.ts'
import { makeBodies, type Shape, TENANT_LABEL } from './bodies.ts'

const made = (shape: Partial<Shape>, seed = 1) =>
  makeBodies({ tenants: 5, order: 'contiguous', series: 2000, ...shape }, 1, seed)[0]!

const decoded = (shape: Partial<Shape>) => decodeWriteRequest(uncompress(made(shape).compressed, 2 ** 24)).series

const tenantsOf = (shape: Partial<Shape>) =>
  decoded(shape).map(({ labels }) => labels.find(([name]) => name === TENANT_LABEL)?.[1])

test('series look as Prometheus makes them: one sample, 11 to 13 sorted labels', () => {
  for (const { labels, samples, unknown } of decoded({})) {
    const names = labels.map(([name]) => name)
    expect(names).toEqual([...new Set(names)].sort())
    expect(labels.length).toBeGreaterThanOrEqual(11)
    expect(labels.length).toBeLessThanOrEqual(13)
    expect(labels.every(([, value]) => value !== '')).toBe(true)
    expect(samples.length).toBe(1)
    expect(unknown).toEqual([])
  }
})

test('no series comes twice in a body', () => {
  const keys = decoded({ tenants: 500 }).map(({ labels }) => JSON.stringify(labels))
  expect(new Set(keys).size).toBe(2000)
})

test('sizes are those of real bodies', () => {
  const check = (shape: Partial<Shape>, raw: [number, number], compressed: [number, number]) => {
    const body = made(shape)
    expect(body.rawLength).toBeGreaterThan(raw[0])
    expect(body.rawLength).toBeLessThan(raw[1])
    expect(body.compressed.length).toBeGreaterThan(compressed[0])
    expect(body.compressed.length).toBeLessThan(compressed[1])
  }
  check({ tenants: 1 }, [830_000, 890_000], [75_000, 90_000])
  check({ tenants: 500 }, [830_000, 890_000], [110_000, 135_000])
  check({ tenants: 5, series: 500 }, [200_000, 230_000], [18_000, 24_000])
})

test('tenants are as many as asked, side by side or in any order', () => {
  const check = (shape: Shape, runs: (runs: number) => boolean) => {
    const tenants = tenantsOf(shape)
    expect(tenants.length).toBe(shape.series)
    expect(new Set(tenants).size).toBe(shape.tenants)
    const changes = tenants.filter((tenant, n) => n === 0 || tenant !== tenants[n - 1]).length
    expect(runs(changes)).toBe(true)
  }
  for (const tenants of [1, 5, 50, 500]) check({ tenants, order: 'contiguous', series: 2000 }, (n) => n === tenants)
  check({ tenants: 3, order: 'contiguous', series: 500 }, (n) => n === 3)
  check({ tenants: 5, order: 'shuffled', series: 2000 }, (n) => n > 1000)
  check({ tenants: 500, order: 'shuffled', series: 500 }, (n) => n === 500)
})

test('the seed decides everything, and no two bodies are alike', () => {
  expect(made({}, 7).compressed.equals(made({}, 7).compressed)).toBe(true)
  expect(made({}, 7).compressed.equals(made({}, 8).compressed)).toBe(false)
  const bodies = makeBodies({ tenants: 1, order: 'contiguous', series: 500 }, 8, 1)
  expect(new Set(bodies.map(({ compressed }) => compressed.toString('latin1'))).size).toBe(8)
})
