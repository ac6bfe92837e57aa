import { expect, test } from 'vitest'
import { defaultTenancy, type TenancySettings } from '../config/tenancy-settings.ts'
import type { Label } from '../wire/codec.ts'
import { compileRouter, prefixOf, route, sentLabels } from './route.ts'

const routerOf = (settings: Partial<TenancySettings>) => compileRouter({ ...defaultTenancy, ...settings })

/** `tenant by rule`, or `kind reason`. */
function decide(settings: Partial<TenancySettings>, labels: Label[], prefix?: string): string {
  const router = routerOf({ labels: ['team', 'tenant'], ...settings })
  const outcome = route(labels, router, prefix ?? router.settings.prefix)
  return outcome.kind === 'tenant' ? `${outcome.tenant} by ${outcome.rule}` : `${outcome.kind} ${outcome.reason}`
}
const up: Label = ['__name__', 'up']

test('the first label in preference that has a value wins, wherever it stands', () => {
  const check = (labels: Label[], want: string) => expect(decide({ default: 'd' }, [up, ...labels])).toBe(want)
  check([['team', 'a']], 'a by label team')
  check([['tenant', 'b']], 'b by label tenant')
  check(
    [
      ['tenant', 'b'],
      ['team', 'a'],
    ],
    'a by label team',
  )
  check(
    [
      ['tenant', 'b'],
      ['team', ''],
    ],
    'b by label tenant',
  )
  check([['team', '']], 'd by default')
  check([], 'd by default')
})

test('of a repeated label the first occurrence counts, and with it all go', () => {
  const twice: Label[] = [up, ['team', 'a'], ['team', 'b']]
  expect(decide({}, twice)).toBe('a by label team')
  expect(sentLabels(twice, routerOf({ labels: ['team'] }))).toEqual([up])
  expect(decide({ default: 'd' }, [up, ['team', ''], ['team', 'b']])).toBe('d by default')
})

test('the prefix is before every id, the default too, and the final id is judged', () => {
  const check = (settings: Partial<TenancySettings>, labels: Label[], want: string) =>
    expect(decide({ prefix: 'eu-', ...settings }, [up, ...labels])).toBe(want)
  check({}, [['team', 'a']], 'eu-a by label team')
  check({ default: 'd' }, [], 'eu-d by default')
  check({ allow: ['a'] }, [['team', 'a']], 'rejected denied_tenant')
  check({ allow: ['eu-?'] }, [['team', 'a']], 'eu-a by label team')
  check({ deny: ['eu-a'] }, [['team', 'a']], 'rejected denied_tenant')
  check({ allow: ['eu-*'], deny: ['*-a'] }, [['team', 'a']], 'rejected denied_tenant')
  check({}, [['team', 'x'.repeat(147)]], `eu-${'x'.repeat(147)} by label team`)
  check({}, [['team', 'x'.repeat(148)]], 'rejected invalid_tenant')
  check({ default: 'd', deny: ['eu-d'] }, [], 'rejected denied_tenant')
})

test('the header that prefix_from_header names takes the place of the prefix where it has a value', () => {
  const check = (headers: Record<string, string>, want: string) =>
    expect(prefixOf({ ...defaultTenancy, prefix: 'p-', prefixFromHeader: 'X-Source' }, headers)).toBe(want)
  check({ 'x-source': 'eu' }, 'eu-')
  check({ 'x-source': '' }, 'p-')
  check({}, 'p-')
  expect(prefixOf({ ...defaultTenancy, prefix: 'p-' }, { '': 'eu', 'x-source': 'eu' })).toBe('p-')
})

test('a hostile prefix reaches no header: the id with it is refused, the default too', () => {
  const check = (prefix: string) => {
    expect(decide({}, [up, ['team', 'a']], prefix)).toBe('rejected invalid_tenant')
    expect(decide({ onInvalid: 'default', default: 'd' }, [up, ['team', 'a']], prefix)).toBe('rejected invalid_tenant')
    expect(decide({ default: 'd' }, [up], prefix)).toBe('rejected invalid_tenant')
  }
  check('a|b-')
  check('a\r\nX-Other: 1-')
  check('\u00e9-')
  check(`${'x'.repeat(150)}-`)
})

test('what is no valid id, or reserved', () => {
  const check = (value: string, want: string) => expect(decide({}, [up, ['team', value]])).toBe(want)
  check("Az09!-_.*'()", "Az09!-_.*'() by label team")
  for (const bad of ['a|b', 'a/b', 'a b', '.', '..', '__mimir_cluster', 'é', '\u0000', '\ufeffa', 'a\n']) {
    check(bad, 'rejected invalid_tenant')
  }
})

test('on_invalid: reject, drop, or the default if that is valid itself', () => {
  const check = (settings: Partial<TenancySettings>, want: string) =>
    expect(decide({ deny: ['b*'], ...settings }, [up, ['team', 'bad']])).toBe(want)
  check({}, 'rejected denied_tenant')
  check({ onInvalid: 'drop' }, 'dropped denied_tenant')
  check({ onInvalid: 'default', default: 'd' }, 'd by on_invalid')
  check({ onInvalid: 'default' }, 'rejected denied_tenant')
  check({ onInvalid: 'default', default: 'b' }, 'rejected denied_tenant')
  expect(decide({ onInvalid: 'default', default: 'd', prefix: 'p-' }, [up, ['team', '|']])).toBe('p-d by on_invalid')
})

test('on_missing decides where no label has a value and there is no default', () => {
  expect(decide({}, [up])).toBe('rejected missing_tenant')
  expect(decide({ onMissing: 'drop' }, [up, ['team', '']])).toBe('dropped missing_tenant')
  const outcome = route([up], routerOf({ labels: ['team', 'tenant'] }), '')
  expect(outcome.kind !== 'tenant' && outcome.detail).toBe("label(s): {'team','tenant'} not found")
})

test('a series that removal would leave without labels goes by on_missing, never to the default', () => {
  const check = (settings: Partial<TenancySettings>, labels: Label[], want: string) =>
    expect(decide({ default: 'd', ...settings }, labels)).toBe(want)
  check({}, [['team', 'a']], 'rejected no_labels_left')
  check({ onMissing: 'drop' }, [['team', 'a']], 'dropped no_labels_left')
  check(
    {},
    [
      ['team', 'a'],
      ['team', 'b'],
      ['__tenant_id__', 'x'],
    ],
    'rejected no_labels_left',
  )
  check(
    {},
    [
      ['team', 'a'],
      ['tenant', 'b'],
    ],
    'a by label team',
  )
  check({}, [['team', '']], 'd by default')
  check({ keepLabel: true }, [['team', 'a']], 'a by label team')
  check({ keepLabel: true }, [['__tenant_id__', 'a']], 'rejected no_labels_left')
  check({ keepLabel: true, labels: ['__tenant_id__'] }, [['__tenant_id__', 'a']], 'a by label __tenant_id__')
  check({}, [], 'd by default')
})

test('__tenant_id__ leaves only where a setting names it and keeps labels', () => {
  const labels: Label[] = [up, ['__tenant_id__', 'x'], ['team', 'a']]
  const check = (settings: Partial<TenancySettings>, ...names: string[]) =>
    expect(sentLabels(labels, routerOf({ labels: ['team'], ...settings })).map(([name]) => name)).toEqual(names)
  check({}, '__name__')
  check({ keepLabel: true }, '__name__', 'team')
  check({ keepLabel: true, labels: ['__tenant_id__'] }, '__name__', '__tenant_id__', 'team')
  check({ labels: ['__tenant_id__'] }, '__name__', 'team')
})

test('the trace tells every step', () => {
  const steps: string[] = []
  const labels: Label[] = [up, ['team', ''], ['tenant', 'a|b'], ['tenant', 'c']]
  route(labels, routerOf({ labels: ['org', 'team', 'tenant'], onInvalid: 'default', default: 'd' }), '', (step) =>
    steps.push(step),
  )
  expect(steps).toEqual([
    'label org: not there',
    'label team: empty, so as if not there',
    'label tenant = "a|b" (the first of 2): chosen',
    'tenant id "a|b" is refused: it contains "|"; allowed are A-Z a-z 0-9 ! - _ . * \' ( ): on_invalid = default',
    'tenant "d" by on_invalid = default',
  ])
})

test('what is said of a giant id is short', () => {
  const outcome = route([up, ['team', '|'.repeat(1 << 20)]], routerOf({ labels: ['team'] }), '')
  expect(outcome.tenant).toHaveLength(200)
  expect(outcome.kind !== 'tenant' && outcome.detail.length).toBeLessThan(500)
})
