import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test('the nearest name', () => {
  const known = ['keep_label', 'labels', 'default', 'allow', 'deny', 'max_tenants', 'max_tenants_per_request']
  const check = (name: string, want: string | undefined) => expect(nearest(name, known), name).toBe(want)
  check('keep_lable', 'keep_label')
  check('keep-label', 'keep_label')
  check('KEEP_LABEL', 'keep_label')
  check('label', 'labels')
  check('alow', 'allow')
  check('max_tenant', 'max_tenants')
  check('zebra', undefined)
  check('', undefined)
  check('x'.repeat(5000), undefined)
})
