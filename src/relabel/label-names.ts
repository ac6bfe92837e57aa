// Which texts may name a label, and the order that label names have.

/** `legacy`: what Alloy and older Prometheus allow; `utf8`: any text that is not empty, Prometheus 3's default. */
export type NameScheme = 'legacy' | 'utf8'

export function isLabelName(name: string, scheme: NameScheme): boolean {
  return scheme === 'legacy' ? /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) : name !== '' && !/\p{Surrogate}/u.test(name)
}

/** Compares as the UTF-8 bytes would: characters above U+FFFF come after all others. */
export function compareNames(a: string, b: string): number {
  const size = Math.min(a.length, b.length)
  for (let k = 0; k < size; k++) {
    const x = a.charCodeAt(k)
    const y = b.charCodeAt(k)
    if (x !== y) return aboveSurrogates(x) - aboveSurrogates(y)
  }
  return a.length - b.length
}

function aboveSurrogates(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}
