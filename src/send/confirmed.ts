// What an upstream says that it wrote of a remote write 2 request.

import type { HttpResponse } from '../wire/message.ts'
import type { Written } from '../wire/v2/written.ts'

const name = (of: string): string => `x-prometheus-remote-write-${of}-written`
const names = [name('samples'), name('histograms'), name('exemplars')] as const

/** undefined: there is none of the three headers. One that is missing, or is no number, counts nothing. */
export function confirmed(headers: HttpResponse['headers']): Written | undefined {
  if (names.every((one) => headers[one] === undefined)) return undefined
  const [samples, histograms, exemplars] = names.map((one) => countOf(headers[one] ?? '')) as [number, number, number]
  return { samples, histograms, exemplars }
}

function countOf(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0
}
