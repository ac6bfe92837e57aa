// Globs over tenant ids: `*` any run of characters, `?` exactly one, `\` makes the next one literal, everything else
// itself. Matching is a two-pointer walk that only ever returns to the last `*`: no backtracking tree, no regular
// expression, at most (length of id) × (length of pattern) steps, both of which are bounded.

/** A code point to match, or one of the two wildcards. */
type Token = number | '*' | '?'

const tokensOf = (pattern: string): readonly Token[] => {
  const tokens: Token[] = []
  const points = Array.from(pattern)
  for (let i = 0; i < points.length; i++) {
    const point = points[i] as string
    if (point === '\\') tokens.push((points[++i] as string).codePointAt(0) as number)
    else if (point === '?') tokens.push('?')
    else if (point === '*') {
      if (tokens.at(-1) !== '*') tokens.push('*')
    } else tokens.push(point.codePointAt(0) as number)
  }
  return tokens
}

const matches = (tokens: readonly Token[], id: readonly number[]): boolean => {
  let t = 0
  let i = 0
  let star = -1
  let resume = 0
  while (i < id.length) {
    const token = tokens[t]
    if (token === '*') {
      star = t++
      resume = i
    } else if (token === '?' || token === id[i]) {
      t++
      i++
    } else if (star >= 0) {
      t = star + 1
      i = ++resume
    } else return false
  }
  while (tokens[t] === '*') t++
  return t === tokens.length
}

/** Why a pattern is no glob; undefined if it is one. */
export function globProblem(pattern: string): string | undefined {
  if (pattern === '') return 'an empty pattern matches nothing'
  const trailing = /\\*$/.exec(pattern)?.[0].length ?? 0
  return trailing % 2 === 1 ? 'the pattern ends in a single \\, which escapes nothing' : undefined
}

/**
 * One predicate for a list of globs: true if any of them matches the whole id. An empty list matches nothing.
 * Patterns must have passed `globProblem`. Literal patterns cost one set look-up however many they are.
 */
export function compileGlobs(patterns: readonly string[]): (id: string) => boolean {
  const literal = new Set<string>()
  const wild: (readonly Token[])[] = []
  for (const pattern of patterns) {
    const tokens = tokensOf(pattern)
    if (tokens.every((token) => typeof token === 'number')) literal.add(String.fromCodePoint(...tokens))
    else wild.push(tokens)
  }
  if (wild.length === 0) return (id) => literal.has(id)
  return (id) => {
    if (literal.has(id)) return true
    const points = Array.from(id, (point) => point.codePointAt(0) as number)
    return wild.some((tokens) => matches(tokens, points))
  }
}
