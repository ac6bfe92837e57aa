// Which texts may name a label.

/** `legacy`: what Alloy and older Prometheus allow; `utf8`: any text that is not empty, Prometheus 3's default. */
export type NameScheme = 'legacy' | 'utf8'

export function isLabelName(name: string, scheme: NameScheme): boolean {
  return scheme === 'legacy' ? /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) : name !== '' && !/\p{Surrogate}/u.test(name)
}
