// Log lines as `key=value` pairs, as Alloy writes them: `ts=… level=info msg="…"`, then the line's own fields.

/** One of `createLogger`'s lines, its line break included, in the other form. */
export function logfmtLine(json: string): string {
  const { time, level, msg, ...fields } = JSON.parse(json) as Record<string, unknown>
  const pairs: string[] = []
  add(pairs, 'ts', time)
  add(pairs, 'level', level)
  add(pairs, 'msg', msg)
  for (const [name, value] of Object.entries(fields)) add(pairs, name, value)
  return `${pairs.join(' ')}\n`
}

/** What has parts is one pair for each; an error is its message, and what else it has. */
function add(pairs: string[], name: string, value: unknown): void {
  if (value === undefined || value === null) return
  if (typeof value !== 'object') {
    pairs.push(`${keyText(name)}=${valueText(String(value))}`)
    return
  }
  for (const [part, inner] of Object.entries(value)) {
    add(pairs, name === 'err' && part === 'message' ? name : `${name}.${part}`, inner)
  }
}

const keyText = (name: string): string => name.replace(/[\s="\p{Cc}]/gu, '_')

/** Quoted where a reader would not see its end. */
const valueText = (text: string): string => (/^[^\s="\\\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text))
