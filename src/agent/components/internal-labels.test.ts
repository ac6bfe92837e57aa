import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileRules } from '../../relabel/relabel.ts'
import { dropInternalLabels } from './internal-labels.ts'

test('all that begin with __ go, but for those that are named', () => {
  const name = fc.string({ unit: fc.constantFrom('_', 'a', 'b', 'é', '.'), maxLength: 6 })
  fc.assert(
    fc.property(fc.array(name, { maxLength: 4 }), fc.array(name, { maxLength: 8 }), (endings, others) => {
      const kept = endings.map((ending) => `__${ending}`)
      const names = [...new Set([...kept, ...others, ...others.map((other) => `__${other}`), 'x'])]
        .filter(Boolean)
        .sort()
      const labels = names.map((each) => [each, 'v'] as const)
      const left = compileRules([dropInternalLabels(kept)]).relabel(labels) ?? labels
      expect(left.map(([each]) => each)).toEqual(names.filter((each) => !each.startsWith('__') || kept.includes(each)))
    }),
  )
})
