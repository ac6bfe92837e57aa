// Components of an agent between real sockets: a graph over kinds of the program, senders that push to them, upstreams
// that keep what they are sent, and receivers that are given what to answer.

import { onTestFinished } from 'vitest'
import { Ports } from '../../src/agent/components/push-server/ports.ts'
import type { AgentServices } from '../../src/agent/components/services.ts'
import { capsuleNames, type Flow, type Receiver, type Settled } from '../../src/agent/flow/receiver.ts'
import type { AnyKind, ComponentKind, Stability } from '../../src/agent/graph/component.ts'
import { createGraph } from '../../src/agent/graph/graph.ts'
import type { Graph } from '../../src/agent/graph/graph-options.ts'
import { capsuleValue, intValue } from '../../src/agent/syntax/make-value.ts'
import type { Value } from '../../src/agent/syntax/value.ts'
import { decodeRequest2 } from '../../src/dev/decode-v2.ts'
import { decodeLokiPush, decodeWriteRequest } from '../../src/dev/encode.ts'
import { seriesText } from '../../src/dev/sink/series-text.ts'
import { createAdmission } from '../../src/receive/admission.ts'
import type { Store } from '../../src/send/store/store.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { specOf, startFlowBench } from './flow.ts'
import { type Answer, type AskOptions, ask } from './in-process.ts'

export interface Bench extends Omit<ReturnType<typeof startFlowBench>, 'log'> {
  readonly graph: Graph
  /** Loads a text; resolves with what was said of it, `line:col message`. */
  load(text: string): Promise<readonly string[]>
  /** Lines of the log. */
  readonly lines: string[]
  /** What components printed. */
  readonly printed: string[]
  /** Values of a metric: `labels value`, the labels without the component's id. */
  metric(name: string): Promise<readonly string[]>
  /** POST to a component's server with the headers of a push; those in `headers` are added. */
  push(id: string, path: string, body: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Where a component's server listens. */
  urlOf(id: string): string
}

export interface BenchOptions {
  readonly stability?: Stability
  /** Where endpoints store; absent: lanes answer. */
  readonly store?: Store
}

/** `receivers`: names → where `test.sink "name"` sends to; `test.text "x" { value = … }` exports `value`. */
export function startBench(
  kinds: readonly AnyKind[],
  receivers: Readonly<Record<string, Receiver>> = {},
  services: Partial<AgentServices> = {},
  { stability = 'generally-available', store }: BenchOptions = {},
): Bench {
  const bench = startFlowBench(store)
  const lines: string[] = []
  const printed: string[] = []
  const { meter } = bench.registry
  const all: AgentServices = {
    endpoints: bench.endpoints,
    admission: createAdmission({ maxBytes: 1 << 28, meter }),
    ports: new Ports(),
    userAgent: 'Sluice/test',
    maxRetryAfter: 30,
    maxBodySize: 32 << 20,
    maxDecompressedBytes: 64 << 20,
    merging: { mergeWindowMs: 20, ackGraceMs: 1000, haLabels: [] },
    print: (text) => void printed.push(text),
    onComponentGone: (id) => bench.registry.forgetComponent(id),
    ...services,
  }
  const graph = createGraph({
    kinds: [...kinds, sinkKind(receivers), textKind],
    stability,
    log: createLogger({ level: 'info', write: (line) => void lines.push(line) }),
    meter,
    services: all,
  })
  onTestFinished(() => graph.stop(1000))
  const urlOf = (id: string): string => {
    const info = graph.component(id)?.debugInfo?.find((each) => each.name === 'url')
    const value = info?.type === 'attr' ? info.value : undefined
    return new URL(String(value?.type === 'string' ? value.value : undefined)).origin
  }
  return {
    ...bench,
    graph,
    lines,
    printed,
    urlOf,
    async load(text) {
      const { diagnostics } = await graph.load([{ name: 'a.alloy', text }])
      return diagnostics.map(({ line, col, message }) => `${line}:${col} ${message}`)
    },
    async metric(name) {
      const found = (await bench.registry.values()).find((each) => each.name === name)
      return (found?.values ?? []).map(({ labels: { component_id: _, ...labels }, value }) =>
        `${Object.values(labels).join(' ')} ${value}`.trim(),
      )
    },
    push: (id, path, body, headers = {}) => {
      const options: AskOptions = { body, headers: { ...content, ...headers } }
      return ask(`${urlOf(id)}${path}`, options)
    },
  }
}

const content = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }

/** A receiver that keeps what it is given, as texts, and settles it as it is told. */
export interface TestReceiver extends Receiver {
  readonly got: string[][]
  readonly flows: Flow[]
  /** The status that it answers with. */
  status: number
  /** What its answers wait for. */
  gate: Promise<void>
}

export function testReceiver(id: string, signal: Receiver['signal'] = 'metrics'): TestReceiver {
  const receiver: TestReceiver = {
    ...{ id, signal, got: [], flows: [], status: 200, gate: Promise.resolve() },
    async receive(flow): Promise<Settled> {
      receiver.flows.push(flow)
      receiver.got.push(itemsOf(flow))
      await receiver.gate
      const part = { tenant: 't', endpoint: id, status: receiver.status, answered: true, text: `from ${id}` }
      return {
        parts: [{ ...part, body: new Uint8Array(0), contentType: undefined, retryAfter: undefined }],
        rejected: [],
      }
    },
  }
  return receiver
}

/** Series, or label texts of streams. */
export function itemsOf({ batch }: Flow): string[] {
  if (batch.codec.signal === 'logs') return decodeLokiPush(batch.bytes).streams.map(({ labels }) => labels)
  const decode = batch.codec.protocol === 'remote-write-2' ? decodeRequest2 : decodeWriteRequest
  return decode(batch.bytes).series.map(({ labels }) => seriesText(labels))
}

/** An endpoint to a URL, with a retry memory, as a receiver of a bench. */
export const endpointTo = async ({ endpoints }: Bench, id: string, url: string): Promise<Receiver> =>
  (await endpoints.put(id, [specOf(`${id}/0`, url)]))[0] as Receiver

interface SinkArgs {
  readonly receiver: Receiver
}

/** `test.sink "name" {}` exports `receiver`: the one of that name. */
function sinkKind(receivers: Readonly<Record<string, Receiver>>): ComponentKind<object, SinkArgs> {
  const first = Object.values(receivers)[0]
  return {
    name: 'test.sink',
    doc: 'For tests.',
    stability: 'generally-available',
    schema: { attributes: {}, blocks: {} },
    exports: { receiver: 'Takes data.' },
    exportTypes: { receiver: first?.signal ?? 'metrics' },
    settle: () => ({}),
    exportsOf: ({ receiver }) => new Map([['receiver', capsuleValue(capsuleNames[receiver.signal], receiver)]]),
    build(_, context) {
      context.export({ receiver: receivers[context.id.slice('test.sink.'.length)] as Receiver })
      return { update: () => undefined, stop: async () => undefined }
    },
  }
}

/** `test.text "name" { value = … }`: debug information shows what it was given, and how often that changed. */
const textKind: ComponentKind<{ readonly value: Value }, object> = {
  name: 'test.text',
  doc: 'For tests.',
  stability: 'generally-available',
  schema: { attributes: { value: { type: 'any', required: true, doc: 'Any.' } }, blocks: {} },
  exports: {},
  settle: ({ values }) => ({ value: values.get('value') as Value }),
  exportsOf: () => new Map(),
  build: (args) => {
    let { value } = args
    let updates = 0
    return {
      update(next) {
        value = next.value
        updates++
      },
      stop: async () => undefined,
      debugInfo: () => ({ value, updates: intValue(updates) }),
    }
  },
}
