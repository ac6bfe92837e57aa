import { expect, test } from 'vitest'
import { parseIni } from './ini.ts'

test('AWS’s dialect of INI', () => {
  const check = (text: string, want: Record<string, Record<string, string>>) => {
    const sections = [...parseIni(text)].map(([name, section]) => [name, Object.fromEntries(section)])
    expect(Object.fromEntries(sections)).toEqual(want)
  }
  check('', {})
  check('a = 1', {})
  check('[default]\na=1\r\nb = x y \n', { default: { a: '1', b: 'x y' } })
  check('[profile one]\n[ profile  "two words" ]\na=1\n[three]', { one: {}, 'two words': { a: '1' }, three: {} })
  check('# c\n[p] # c\n; c\nKey=va#lue;x # comment\nb=/+==\n', { p: { key: 'va#lue;x', b: '/+==' } })
  check('[p]\na=1\n[q]\n[p]\na=2\nb=', { p: { a: '2', b: '' }, q: {} })
  check('[p]\ns3 =\n  max_queue_size = 1\na=1\nnonsense\n=x', { p: { s3: '', a: '1' } })
})
