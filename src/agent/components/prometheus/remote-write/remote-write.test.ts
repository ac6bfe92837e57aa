import { expect, test } from 'vitest'
import { checkSources } from '../../../graph/check.ts'
import type { Stability } from '../../../graph/component.ts'
import { remoteWriteKind } from './remote-write.ts'

/** `'place' message | hint` of each problem of a remote_write with this body; warnings begin with `~`. */
function problems(body: string, stability: Stability = 'generally-available'): readonly string[] {
  const text = `prometheus.remote_write "back" {\n  endpoint {\n    url = "http://back"\n  }\n}\nprometheus.remote_write "x" {\n${body}\n}\n`
  const { diagnostics } = checkSources([{ name: 'a', text }], { kinds: [remoteWriteKind], stability })
  return diagnostics.map(({ severity, message, hint, span = { start: 0, end: 0 } }) => {
    const place = text.slice(span.start, span.end).split('\n')[0]
    return `${severity === 'warning' ? '~' : ''}${place} → ${message}${hint === undefined ? '' : ` | ${hint}`}`
  })
}
const check = (body: string, ...want: readonly string[]) => expect(problems(body)).toEqual(want)
/** The problems of an endpoint to a URL. */
const inside = (body: string, ...want: readonly string[]) =>
  check(`endpoint {\nurl = "http://mimir/push"\n${body}\n}`, ...want)

test('good ones', () => {
  check('')
  inside('')
})
