// Groups of settings that later versions have. Who sets one wants what it does: it is an error, never just ignored.

const groups: ReadonlySet<string> = new Set(['queue', 'storage'])

/** What to say about a setting whose path begins with `group`; undefined where no later version has such a group. */
export function laterGroup(group: string): { readonly message: string; readonly hint: string } | undefined {
  if (!groups.has(group)) return undefined
  return {
    message: `\`${group}\` is not available in this version`,
    hint: 'take it out: what upstream does not take is not stored, its sender repeats it',
  }
}
