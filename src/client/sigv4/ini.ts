// AWS's dialect of INI, as its shared config and credentials files are written in: sections of `name = value` lines.

export type Section = ReadonlyMap<string, string>

/** Sections by name, `profile ` left out; of a name given twice the last value counts. Other lines are passed over. */
export function parseIni(text: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Map<string, string>>()
  let current: Map<string, string> | undefined
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*(?:profile\s+)?["']?([^\]"']*?)["']?\s*\]/.exec(line)
    if (header !== null) {
      const name = header[1]!
      current = sections.get(name) ?? new Map()
      sections.set(name, current)
      continue
    }
    // An indented line continues a group (s3 =) that nothing here reads; a # or ; begins a comment after a blank.
    const pair = /^([^\s=#;][^=]*?)\s*=\s*(.*)$/.exec(line.replace(/\s[#;].*$/, ''))
    if (pair !== null) current?.set(pair[1]!.toLowerCase(), pair[2]!.trim())
  }
  return sections
}
