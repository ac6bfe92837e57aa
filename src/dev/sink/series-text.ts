// A series as people write it, `up{job="api"}`: the receiver's key of a series, and what its pages and lines show.

const metricName = /^[A-Za-z_:][A-Za-z0-9_:]*$/
const labelName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Two label lists give one text only if they are the same set (repeated labels keep their order). */
export function seriesText(labels: readonly (readonly [string, string])[]): string {
  let name = ''
  const parts: string[] = []
  for (const [label, value] of labels) {
    if (label === '__name__' && name === '' && metricName.test(value)) name = value
    else parts.push(`${labelName.test(label) ? label : JSON.stringify(label)}=${JSON.stringify(value)}`)
  }
  return parts.length === 0 && name !== '' ? name : `${name}{${parts.join(', ')}}`
}
