// What senders sent, as people see it: short, and in memory of its own.

import type { Label } from '../wire/codec.ts'

const most = 200

/** At most 200 characters. A copy where it is cut: V8 keeps the whole of a text alive for a slice of it. */
export function shorten(text: string): string {
  return text.length > most ? Buffer.from(`${text.slice(0, most - 1)}…`).toString() : text
}

/** `{name="value", …}`, at most 200 characters. */
export function shownLabels(labels: readonly Label[]): string {
  let text = ''
  for (const [name, value] of labels) {
    if (text.length > most) break
    text += `${text === '' ? '' : ', '}${shorten(name)}=${JSON.stringify(shorten(value))}`
  }
  return shorten(`{${text}}`)
}
