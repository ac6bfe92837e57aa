import { expect, test } from 'vitest'
import { toLower, toUpper } from './letter-case.ts'

// What Go's strings.ToLower and strings.ToUpper give.
test('each character by itself becomes one character', () => {
  const check = (text: string, lower: string, upper: string) =>
    expect([toLower(text), toUpper(text)]).toEqual([lower, upper])
  check('bAr123', 'bar123', 'BAR123')
  check('ß', 'ß', 'ß')
  check('ẞ', 'ß', 'ẞ')
  check('ﬁ', 'ﬁ', 'ﬁ')
  check('ŉ', 'ŉ', 'ŉ')
  check('ΑΣ', 'ασ', 'ΑΣ')
  check('ας', 'ας', 'ΑΣ')
  check('İ', 'i', 'İ')
  check('ı', 'ı', 'I')
  check('ǆ', 'ǆ', 'Ǆ')
  check('ᾀ', 'ᾀ', 'ᾈ')
  check('ᾷ', 'ᾷ', 'ᾷ')
  check('ᾳῃῳ', 'ᾳῃῳ', 'ᾼῌῼ')
  check('ᾯ', 'ᾧ', 'ᾯ')
  check('𐐀𐐨', '𐐨𐐨', '𐐀𐐀')
})
