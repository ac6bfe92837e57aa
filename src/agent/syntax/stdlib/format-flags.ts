// The flags of one verb of a format, and what padding they make.

export interface Flags {
  readonly plus: boolean
  readonly minus: boolean
  readonly sharp: boolean
  readonly space: boolean
  readonly zero: boolean
  /** `%+v` and `%#v`: other than `+` and `#` of other verbs. */
  readonly sharpV: boolean
  readonly width: number | undefined
  readonly precision: number | undefined
}

export const noFlags: Flags = {
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  sharpV: false,
  width: undefined,
  precision: undefined,
}

/** To the width, in characters; zeros only on the left. */
export function padded(text: string, { width = 0, minus, zero }: Flags): string {
  const missing = text.length >= 2 * width ? 0 : width - Array.from(text).length
  if (missing <= 0) return text
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text
}
