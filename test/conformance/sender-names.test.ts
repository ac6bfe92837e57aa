import { expect, test } from 'vitest'
import { answerNames, formNames, scrapeCounts } from './sender-2-names.ts'

test('of the 157 cases of the suite 67 are about requests and answers, each once; the other 90 need a scrape', () => {
  const held = new Set<string>([...formNames, ...answerNames])
  expect([formNames.length, answerNames.length, held.size]).toEqual([29, 38, 67])
  const others = Object.entries(scrapeCounts)
  for (const [name] of others) expect([...held].some((one) => one.startsWith(`${name}/`) || one === name)).toBe(false)
  expect(others.reduce((sum, [, count]) => sum + count, 0)).toBe(90)
})
