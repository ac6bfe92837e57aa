// local.file: the content of a file as a value, followed as it changes. What was read last stays while it can't be read.

import { maxTimerMs } from '../../../../config/setting-spec.ts'
import type { ComponentKind } from '../../../graph/component.ts'
import { secretValue, stringValue } from '../../../syntax/make-value.ts'
import { servicesOf } from '../../services.ts'
import { followFile } from './follow-file.ts'
import { readContent } from './read-content.ts'

export interface LocalFileArgs {
  readonly filename: string
  readonly detector: 'fsnotify' | 'poll'
  readonly pollMs: number
  readonly isSecret: boolean
}

interface LocalFileExports {
  readonly content: string
  readonly isSecret: boolean
}

export const localFile: ComponentKind<LocalFileArgs, LocalFileExports> = {
  name: 'local.file',
  doc: 'Reads a file, and follows it as it changes.',
  stability: 'generally-available',
  schema: {
    attributes: {
      filename: { type: 'string', required: true, doc: 'Path of the file.' },
      detector: {
        type: 'enum',
        values: ['fsnotify', 'poll'],
        exact: 'unrecognized detector ',
        default: 'fsnotify',
        doc: 'How changes are found: `fsnotify` has the system tell, and looks at every `poll_frequency` as well; `poll` only looks.',
      },
      poll_frequency: { type: 'duration', min: 1, max: maxTimerMs, default: 60_000, doc: 'How often it looks.' },
      is_secret: { type: 'boolean', default: false, doc: 'The content is a secret.' },
    },
    blocks: {},
  },
  exports: { content: 'What the file holds: a secret if `is_secret` is set, else a string.' },
  settle: ({ values }) => ({
    filename: values.get('filename') as string,
    detector: values.get('detector') as LocalFileArgs['detector'],
    pollMs: values.get('poll_frequency') as number,
    isSecret: values.get('is_secret') as boolean,
  }),
  exportsOf: ({ content, isSecret }) => new Map([['content', isSecret ? secretValue(content) : stringValue(content)]]),
  async build(args, context) {
    const { id, log, meter } = context
    const accessed = meter.tally('local_file_timestamp_last_accessed_unix_seconds', { component_id: id })
    let problem = ''
    const read = async ({ filename, isSecret }: LocalFileArgs): Promise<void> => {
      const content = await readContent(filename)
      accessed.value = Date.now() / 1000
      problem = ''
      context.export({ content, isSecret })
      context.report({ state: 'healthy', message: 'read file' })
    }
    const look = async (): Promise<void> => {
      try {
        await read(current)
      } catch (error) {
        const { message } = error as Error
        context.report({ state: 'unhealthy', message })
        if (message !== problem) log.error(message, { path: current.filename })
        problem = message
      }
    }
    const follow = () => followFile({ ...current, log, look })
    let current = args
    const { onComponentGone } = servicesOf(context)
    try {
      await read(args)
    } catch (error) {
      onComponentGone?.(id)
      throw error
    }
    let stop = follow()
    return {
      async update(next) {
        // What is read of the old file must not come after the new one's content.
        await stop()
        try {
          await read(next)
          current = next
        } finally {
          stop = follow()
        }
      },
      async stop() {
        await stop()
        onComponentGone?.(id)
      },
    }
  },
}
