import { expect, onTestFinished, test } from 'vitest'
import { type Steps, steps } from '../../../test/support/agent-kinds.ts'
import { createLogger } from '../../telemetry/log.ts'
import { noMeter } from '../../telemetry/meter.ts'
import type { StatementJson } from './body-json.ts'
import { createGraph } from './graph.ts'
import type { Graph, GraphOptions } from './graph-options.ts'

interface Stage extends Steps {
  readonly graph: Graph
  readonly lines: string[]
  /** Loads a text and tells what was said of it. */
  load(text: string): Promise<readonly string[]>
  /** The journal since the last call. */
  news(): readonly string[]
}

function stage(options: Partial<GraphOptions> = {}): Stage {
  const all = steps()
  const lines: string[] = []
  let clock = 0
  const graph = createGraph({
    kinds: all.kinds,
    log: createLogger({ level: 'info', write: (line) => lines.push(line) }),
    meter: noMeter,
    services: {},
    now: () => ++clock,
    ...options,
  })
  onTestFinished(() => graph.stop(0))
  return {
    ...all,
    graph,
    lines,
    async load(text) {
      const { diagnostics } = await graph.load([{ name: 'a.alloy', text }])
      return diagnostics.map(({ line, col, message }) => `${line}:${col} ${message}`)
    },
    news: () => all.journal.splice(0),
  }
}

/** `name=expression`, `name>sink`: `a="x"`, `b=test.step.a.output`. */
const chain = (...nodes: readonly string[]): string =>
  nodes
    .map((node) => {
      const [, name, how, value] = /^(\w+)([=>])(.*)$/.exec(node) ?? []
      const body =
        how === '='
          ? `input = ${value}`
          : `forward_to = [${value
              ?.split(',')
              .map((sink) => `test.step.${sink}.receiver`)
              .join(', ')}]`
      return `test.step "${name}" { ${body} }`
    })
    .join('\n')

const output = (graph: Graph, name: string): unknown => {
  const attribute = graph.component(`test.step.${name}`)?.exports?.find((each) => each.name === 'output')
  return (attribute as (StatementJson & { type: 'attr' }) | undefined)?.value.value
}

/** A promise that is opened by hand. */
function gate(): { readonly closed: Promise<void>; open(): void } {
  let open = (): void => undefined
  const closed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { closed, open }
}

test('what is referred to is built first, and its exports are read', async () => {
  const { load, news, graph } = stage()
  expect(await load(chain('a=test.step.b.output + "a"', 'b=test.step.c.output + "b"', 'c="c"'))).toEqual([])
  expect(news()).toEqual(['build c c', 'build b cb', 'build a cba'])
  expect(output(graph, 'a')).toBe('cba')
  expect(graph.unhealthy()).toEqual([])
})

test('exports that change reach their readers, and only if they change', async () => {
  const { load, news, graph, contexts, running } = stage()
  await load(chain('a="1"', 'b=test.step.a.output', 'c=test.step.b.output', 'other="x"'))
  news()
  const before = running.get('test.step.b')
  const { receiver } = {
    receiver: { id: 'r', signal: 'metrics', receive: async () => ({ parts: [], rejected: [] }) },
  } as const
  contexts.get('test.step.a')?.export({ output: '2', receiver })
  await graph.idle()
  expect(news()).toEqual(['update b 2', 'update c 2'])
  contexts.get('test.step.a')?.export({ output: '2', receiver })
  contexts.get('test.step.a')?.export({ output: '2', receiver: { ...receiver } })
  await graph.idle()
  expect(news()).toEqual([])
  expect(running.get('test.step.b')).toBe(before)
})

test('in a diamond each is evaluated once per wave', async () => {
  const { load, news, graph } = stage()
  const diamond = (input: string): string =>
    chain(
      `top="${input}"`,
      'left=test.step.top.output + "l"',
      'right=test.step.top.output + "r"',
      'bottom=test.step.left.output + test.step.right.output + test.step.top.output',
    )
  await load(diamond('1'))
  news()
  await load(diamond('2'))
  await graph.idle()
  expect(news()).toEqual(['update top 2', 'update left 2l', 'update right 2r', 'update bottom 2l2r2'])
})

test('an export that is not there yet has its zero value', async () => {
  const { load, news } = stage()
  expect(await load(chain('a="1"', 'b="<" + test.step.a.late + ">"'))).toEqual([])
  expect(news()).toEqual(['build a 1', 'build b <>'])
})

test('a reload touches what has changed only', async () => {
  const { load, news, running, graph } = stage()
  await load(chain('keep="1"', 'change="1"', 'gone="1"'))
  const [keep, change] = [running.get('test.step.keep'), running.get('test.step.change')]
  news()
  // The same arguments, elsewhere in the file and written differently.
  expect(
    await load(`// A comment.\n${chain('change="2"', 'added="1"')}\ntest.step "keep" {\n  input = "" + "1"\n}`),
  ).toEqual([])
  expect(news()).toEqual(['update change 2', 'build added 1', 'stop gone'])
  expect(running.get('test.step.keep')).toBe(keep)
  expect(running.get('test.step.change')).toBe(change)
  expect(graph.listComponents().map(({ localID }) => localID)).toEqual([
    'test.step.added',
    'test.step.change',
    'test.step.keep',
  ])
})

test('secrets and receivers count among arguments', async () => {
  const { load, news } = stage()
  const text = (password: string, sink: string): string =>
    `test.step "s1" { }\ntest.step "s2" { }\ntest.step "a" {\n password = "${password}"\n forward_to = [test.step.${sink}.receiver]\n}`
  await load(text('x', 's1'))
  news()
  await load(text('x', 's1'))
  expect(news()).toEqual([])
  await load(text('y', 's1'))
  expect(news()).toEqual(['update a'])
  await load(text('y', 's2'))
  expect(news()).toEqual(['update a'])
})

test('a file with errors changes nothing but diagnostics and health', async () => {
  const { load, news, graph } = stage()
  await load(chain('a="1"', 'b="1"'))
  news()
  expect(await load('test.step "a" {\n  input = "2"\n}\ntest.step "b" {\n  count = 11\n}\ntest.step "c" { }')).toEqual([
    '5:11 11 is too much; at most 10',
  ])
  expect(news()).toEqual([])
  expect(graph.unhealthy()).toEqual(['test.step.b'])
  const message = 'the configuration was refused: 11 is too much; at most 10'
  expect(graph.component('test.step.b')?.health).toMatchObject({ state: 'unhealthy', message })
  await graph.idle()
  expect(graph.unhealthy()).toEqual(['test.step.b'])
  await load(chain('a="1"', 'b="1"'))
  expect(graph.unhealthy()).toEqual([])
})

test('what can’t be built is told, and what was done before it is undone', async () => {
  const { load, news, graph } = stage()
  expect(await load(chain('first="1"', 'broken="bad"', 'after=test.step.broken.output'))).toEqual([
    '2:1 Failed to build component: bad can’t be used',
  ])
  expect(news()).toEqual(['build first 1', 'build broken bad', 'stop first'])
  expect(graph.listComponents()).toEqual([])
})

test('an update that fails takes the whole reload back', async () => {
  const { load, news, graph } = stage()
  await load(chain('a="1"', 'b="1"', 'gone="1"'))
  news()
  expect(await load(chain('a="2"', 'b="bad"', 'added="1"'))).toEqual([
    '2:1 Failed to update component: bad can’t be used',
  ])
  await graph.idle()
  expect(news()).toEqual(['update a 2', 'update b bad', 'build added 1', 'stop added', 'update a 1'])
  expect(output(graph, 'a')).toBe('1')
  expect(graph.unhealthy()).toEqual(['test.step.b'])
  expect(graph.listComponents().map(({ localID }) => localID)).toEqual(['test.step.a', 'test.step.b', 'test.step.gone'])
  expect(await load(chain('a="2"', 'b="2"', 'gone="1"'))).toEqual([])
  expect(graph.unhealthy()).toEqual([])
})

test('an export that its reader can’t use leaves the reader as it was', async () => {
  const { load, news, graph, contexts, lines } = stage()
  await load(chain('a="1"', 'b=test.step.a.output', 'c=test.step.b.output'))
  news()
  const receiver = { id: 'r', signal: 'metrics', receive: async () => ({ parts: [], rejected: [] }) } as const
  contexts.get('test.step.a')?.export({ output: 'bad', receiver })
  await graph.idle()
  expect(news()).toEqual(['update b bad'])
  expect(output(graph, 'c')).toBe('1')
  expect(graph.component('test.step.b')?.health).toMatchObject({
    state: 'unhealthy',
    message: 'component evaluation failed: bad can’t be used',
  })
  expect(lines.join('')).toContain('keeps its last good arguments')
  contexts.get('test.step.a')?.export({ output: '2', receiver })
  await graph.idle()
  expect(news()).toEqual(['update b 2', 'update c 2'])
  expect(graph.unhealthy()).toEqual([])
})

test('what only runs can tell is checked then', async () => {
  const { load, graph } = stage()
  const text = 'test.step "a" { input = "11" }\ntest.step "b" {\n  count = test.step.a.output\n}'
  expect(await load(text)).toEqual(['3:11 11 is too much; at most 10'])
  expect(graph.listComponents()).toEqual([])
  expect(await load(text.replace('11', '7'))).toEqual(['3:11 seven is not settled'])
  expect(await load(text.replace('11', 'x'))).toEqual(['3:11 test.step.a.output should be number, got string'])
  expect(await load(text.replace('11', '3'))).toEqual([])
})

test('it stops from sources to sinks', async () => {
  const { load, news, graph } = stage()
  await load(chain('sink="s"', 'middle>sink', 'one>middle', 'two>middle,sink'))
  news()
  await graph.stop(1000)
  expect(news()).toEqual(['stop two', 'stop one', 'stop middle', 'stop sink'])
  expect(graph.health('test.step.sink')?.state).toBe('exited')
  expect(await load(chain('a="1"'))).toEqual([])
  expect(news()).toEqual([])
})

test('what is taken out stops after its sources', async () => {
  const { load, news } = stage()
  await load(chain('sink="s"', 'source>sink', 'keep="k"'))
  news()
  await load(chain('keep="k"'))
  expect(news()).toEqual(['stop source', 'stop sink'])
})

test('a component that does not end is not waited for', async () => {
  const { load, news, graph, gates } = stage({ now: Date.now })
  await load(chain('sink="s"', 'source>sink'))
  news()
  gates.set('test.step.source', gate().closed)
  await graph.stop(20)
  expect(news()).toEqual(['stop sink'])
})

test('what has nothing to do with a slow component does not wait for it', async () => {
  const { load, journal, gates, graph } = stage()
  const slow = gate()
  gates.set('test.step.slow', slow.closed)
  const loaded = load(chain('slow="1"', 'after=test.step.slow.output', 'other="1"', 'next=test.step.other.output'))
  await expect.poll(() => journal).toContain('build next 1')
  expect(journal).not.toContain('build after 1')
  slow.open()
  expect(await loaded).toEqual([])
  expect(journal).toEqual(['build slow 1', 'build other 1', 'build next 1', 'build after 1'])
  expect(graph.unhealthy()).toEqual([])
})

test('a reload waits for an update under way', async () => {
  const { load, journal, gates, graph, contexts, news } = stage()
  await load(chain('a="1"', 'slow=test.step.a.output'))
  news()
  const slow = gate()
  gates.set('test.step.slow', slow.closed)
  const receiver = { id: 'r', signal: 'metrics', receive: async () => ({ parts: [], rejected: [] }) } as const
  contexts.get('test.step.a')?.export({ output: '2', receiver })
  await expect.poll(() => journal).toEqual(['update slow 2'])
  const [first, second] = [load(chain('a="3"', 'slow=test.step.a.output')), load(chain('a="4"'))]
  expect(journal).toEqual(['update slow 2'])
  gates.clear()
  slow.open()
  expect(await first).toEqual([])
  expect(await second).toEqual([])
  await graph.idle()
  expect(news()).toEqual(['update slow 2', 'update a 3', 'update slow 3', 'update a 4', 'stop slow'])
  expect(output(graph, 'a')).toBe('4')
})

test('the API’s view', async () => {
  const { load, graph } = stage()
  const text = `
test.step "sink" { }
test.step "a" {
  input      = "i"
  timeout    = "50s"
  url        = "http://u:hunter2@h/?token=hunter3&a=b"
  password   = "hunter2"
  headers    = { "X-A" = "hunter2" }
  forward_to = [test.step.sink.receiver]
  rule { regex = "x" }
}
test.step "b" { input = test.step.a.output }`
  expect(await load(text)).toEqual([])
  const view = graph.component('test.step.a')
  expect(view).toEqual({
    name: 'test.step',
    type: 'block',
    localID: 'test.step.a',
    moduleID: '',
    label: 'a',
    referencesTo: ['test.step.sink'],
    referencedBy: ['test.step.b'],
    dataFlowEdgesTo: ['test.step.b', 'test.step.sink'],
    health: { state: 'healthy', message: expect.any(String), updatedTime: expect.stringMatching(/^1970-.*Z$/) },
    original: '',
    arguments: [
      { name: 'input', type: 'attr', value: { type: 'string', value: 'i' } },
      { name: 'url', type: 'attr', value: { type: 'string', value: 'http://u:xxxxx@h/?token=xxxxx&a=b' } },
      { name: 'count', type: 'attr', value: { type: 'number', value: 1 } },
      { name: 'timeout', type: 'attr', value: { type: 'string', value: '50s' } },
      { name: 'on', type: 'attr', value: { type: 'bool', value: true } },
      { name: 'password', type: 'attr', value: { type: 'capsule', value: '(secret)' } },
      {
        name: 'headers',
        type: 'attr',
        value: { type: 'object', value: [{ key: 'X-A', value: { type: 'capsule', value: '(secret)' } }] },
      },
      {
        name: 'forward_to',
        type: 'attr',
        value: { type: 'array', value: [{ type: 'capsule', value: 'test.step.sink.receiver' }] },
      },
      {
        name: 'rule',
        type: 'block',
        body: [{ name: 'regex', type: 'attr', value: { type: 'string', value: 'x' } }],
      },
    ],
    exports: [
      { name: 'output', type: 'attr', value: { type: 'string', value: 'i' } },
      { name: 'receiver', type: 'attr', value: { type: 'capsule', value: 'test.step.a.receiver' } },
      { name: 'late', type: 'attr', value: { type: 'string', value: '' } },
    ],
    debugInfo: [{ name: 'seen', type: 'attr', value: { type: 'string', value: 'nothing' } }],
    liveDebuggingEnabled: false,
  })
  expect(graph.component('test.step.nobody')).toBeUndefined()
  const listed = graph.listComponents()[0]
  expect(listed).not.toHaveProperty('arguments')
})

test('a component says how it is', async () => {
  const { load, graph, contexts } = stage()
  await load(chain('a="1"'))
  contexts.get('test.step.a')?.report({ state: 'unhealthy', message: 'no peer' })
  expect(graph.health('test.step.a')).toMatchObject({ state: 'unhealthy', message: 'no peer' })
  contexts.get('test.step.a')?.report({ state: 'healthy', message: 'a peer' })
  expect(graph.health('test.step.a')).toMatchObject({ state: 'healthy', message: 'a peer' })
})

test('root blocks are put to work', async () => {
  const seen: unknown[] = []
  const { load } = stage({ applyLogging: (settings) => void seen.push(settings) })
  const info = { level: 'info', format: 'logfmt', destination: 'stderr' }
  await load('')
  await load('logging { level = "debug" }')
  await load('logging { level = "debug" }\ntest.step "a" { }')
  await load('')
  expect(seen).toEqual([info, { ...info, level: 'debug' }, info])
})
