// Components for tests of the graph: they write down what happens to them, and fail or wait when told to.

import { capsuleNames, type Receiver } from '../../src/agent/flow/receiver.ts'
import type {
  AnyKind,
  BlockSchema,
  ComponentContext,
  ComponentKind,
  RunningComponent,
} from '../../src/agent/graph/component.ts'
import { capsuleValue, stringValue } from '../../src/agent/syntax/make-value.ts'
import type { Value } from '../../src/agent/syntax/value.ts'
import type { Secret } from '../../src/config/secret.ts'

export interface StepArgs {
  readonly input: string
  readonly count: number
  readonly password: Secret | undefined
  readonly sinks: readonly Receiver[]
}

interface StepExports {
  readonly output: string
  readonly receiver: Receiver
}

export interface Steps {
  /** `test.step`: exports `output`, its input, and `receiver`; `late` is never published. */
  readonly kinds: readonly AnyKind[]
  /** `build a in1`, `update a in2`, `stop a`, in order. */
  readonly journal: string[]
  /** Ids → what work on them waits for. */
  readonly gates: Map<string, Promise<void>>
  /** Id → the running thing. */
  readonly running: Map<string, RunningComponent<StepArgs>>
  /** Id → what it may call. */
  readonly contexts: Map<string, ComponentContext<StepExports>>
}

export const stepSchema: BlockSchema = {
  attributes: {
    input: { type: 'string', default: '', doc: 'What it exports; `bad` can’t be used.' },
    url: { type: 'url', doc: 'A URL.' },
    count: { type: 'integer', min: 1, max: 10, default: 1, doc: 'A number from 1 to 10.' },
    timeout: { type: 'duration', min: 0, max: 60_000, default: 5000, doc: 'A time, up to 1m.' },
    size: { type: 'size', min: 0, max: 2 ** 40, doc: 'A size.' },
    mode: { type: 'enum', values: ['fast', 'slow'], exact: 'unknown mode ', doc: 'fast or slow.' },
    on: { type: 'boolean', default: true, doc: 'Whether.' },
    labels: { type: 'list', of: 'label', minItems: 1, doc: 'Names.' },
    password: { type: 'secret', doc: 'A password.' },
    headers: { type: 'map', of: 'secret', isHeaders: true, doc: 'Headers.' },
    many_headers: { type: 'map', of: 'secrets', isHeaders: true, doc: 'Headers with several values.' },
    targets: { type: 'map_of_strings', doc: 'Texts by name.' },
    words: { type: 'strings', doc: 'Texts.' },
    anything: { type: 'any', doc: 'Whatever.' },
    forward_to: { type: 'receivers', signal: 'metrics', doc: 'Where it sends to.' },
    old: { type: 'string', ignored: 'it does what it did without it', doc: 'Taken.' },
  },
  blocks: {
    rule: {
      doc: 'A rule.',
      repeated: true,
      schema: { attributes: { regex: { type: 'string', required: true, doc: 'A pattern.' } }, blocks: {} },
    },
    limits: {
      doc: 'Limits.',
      schema: {
        attributes: { rate: { type: 'integer', min: 0, max: 5, default: 2, doc: 'A rate.' } },
        blocks: { inner: { doc: 'Inside.', schema: { attributes: {}, blocks: {} } } },
      },
    },
  },
  unsupported: { wal: 'take it out; the store has settings of its own' },
}

const receiverOf = (id: string, signal: Receiver['signal'] = 'metrics'): Receiver => ({
  id,
  signal,
  receive: async () => ({ parts: [], rejected: [] }),
})

export function steps(): Steps {
  const journal: string[] = []
  const gates: Steps['gates'] = new Map()
  const running: Steps['running'] = new Map()
  const contexts: Steps['contexts'] = new Map()
  const kind: ComponentKind<StepArgs, StepExports> = {
    name: 'test.step',
    doc: 'For tests.',
    stability: 'generally-available',
    schema: stepSchema,
    exports: { output: 'Its input.', receiver: 'Takes metrics.', late: 'Never there.' },
    exportTypes: { output: 'string', receiver: 'metrics', late: 'string' },
    settle({ values, spans, span }, report) {
      const [count, sinks] = [
        values.get('count') as number,
        values.get('forward_to') as readonly Receiver[] | undefined,
      ]
      if (count === 7) return void report('error', spans.get('count') ?? span, 'seven is not settled', 'take six')
      const password = values.get('password') as Secret | undefined
      return { input: values.get('input') as string, count, password, sinks: sinks ?? [] }
    },
    exportsOf: ({ output, receiver }) =>
      new Map<string, Value>([
        ['output', stringValue(output)],
        ['receiver', capsuleValue(capsuleNames.metrics, receiver)],
      ]),
    async build(args, context) {
      const receiver = receiverOf(context.id)
      const use = async (verb: string, { input }: StepArgs): Promise<void> => {
        const name = context.id.replace('test.step.', '')
        journal.push(`${verb} ${name} ${input}`.trim())
        await gates.get(context.id)
        if (input === 'bad') throw new Error('bad can’t be used')
        context.export({ output: input, receiver })
      }
      await use('build', args)
      const component: RunningComponent<StepArgs> = {
        update: (next) => use('update', next),
        async stop() {
          await gates.get(context.id)
          journal.push(`stop ${context.id.replace('test.step.', '')}`)
        },
        debugInfo: () => ({ seen: stringValue('nothing') }),
      }
      running.set(context.id, component)
      contexts.set(context.id, context)
      return component
    },
  }
  const logs: ComponentKind<object, object> = {
    name: 'test.logs',
    doc: 'Takes logs.',
    stability: 'experimental',
    schema: { attributes: {}, blocks: {} },
    exports: { receiver: 'Takes logs.' },
    exportTypes: { receiver: 'logs' },
    settle: () => ({}),
    exportsOf: () => new Map([['receiver', capsuleValue(capsuleNames.logs, receiverOf('test.logs', 'logs'))]]),
    build: () => ({ update: () => undefined, stop: async () => undefined }),
  }
  return { kinds: [kind, logs], journal, gates, running, contexts }
}
