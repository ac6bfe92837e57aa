// Hundreds of outcomes as a short text that hides none: what is equal stands in one line that names everything it is
// true of.

/** One case's outcome. */
export interface Outcome {
  /** What a block of the table is about. */
  readonly subject: string
  /** A block's rows: `POST 307`. Those that agree everywhere stand together. */
  readonly request: string
  /** Where it led. */
  readonly target: string
  /** What should make no difference; if it does, it is named. */
  readonly way: string
  readonly text: string
}

export function outcomeTable(outcomes: readonly Outcome[]): string {
  const lines: string[] = []
  for (const [subject, ofSubject] of grouped(outcomes, ({ subject }) => subject)) {
    lines.push(subject)
    const requests = [...grouped(ofSubject, ({ request }) => request)]
    for (const [what, alike] of grouped(requests, ([, ofRequest]) => targetLines(ofRequest).join('\n')))
      lines.push(`  ${shortened(alike.map(([request]) => request))}`, what)
  }
  return lines.join('\n')
}

function targetLines(outcomes: readonly Outcome[]): readonly string[] {
  const byTarget = [...grouped(outcomes, ({ target }) => target)]
  const byText = [...grouped(byTarget, ([, ofTarget]) => textOf(ofTarget))]
  return byText.map(([text, alike]) => {
    const targets = byText.length === 1 && alike.length > 1 ? 'anywhere' : alike.map(([target]) => target).join(', ')
    return `    ${targets.padEnd(38)} ${text}`
  })
}

function textOf(outcomes: readonly Outcome[]): string {
  const byText = [...grouped(outcomes, ({ text }) => text)]
  if (byText.length === 1) return byText[0]![0]
  return byText.map(([text, alike]) => `[${alike.map(({ way }) => way).join(', ')}] ${text}`).join('; ')
}

/** `GET 301`, `GET 302`, `POST 301` → `GET 301 302, POST 301` */
function shortened(requests: readonly string[]): string {
  const byMethod = grouped(requests, (request) => request.split(' ')[0]!)
  return [...byMethod].map(([method, all]) => [method, ...all.map((one) => one.split(' ')[1])].join(' ')).join(', ')
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group === undefined) groups.set(keyOf(one), [one])
    else group.push(one)
  }
  return groups
}
