// A root block as a kind of component: one without label whose settings the program puts to work. It is always there:
// where no file has it, it is empty.

import type { AnyKind, BlockSchema, ComponentKind, Decoded, Report } from '../component.ts'

interface RootKindOptions<Args> {
  readonly name: string
  readonly doc: string
  readonly schema: BlockSchema
  readonly settle: (decoded: Decoded, report: Report) => Args | undefined
  readonly apply: (args: Args) => void | Promise<void>
}

export function rootKind<Args>({ name, doc, schema, settle, apply }: RootKindOptions<Args>): AnyKind {
  const kind: ComponentKind<Args, undefined> = {
    name,
    doc,
    stability: 'generally-available',
    schema,
    exports: {},
    settle,
    exportsOf: () => new Map(),
    async build(args) {
      await apply(args)
      return { update: apply, stop: async () => undefined }
    },
  }
  return kind
}
