// What each entry point promises, as text: etc/<entry>.api.md. `npm run api` rewrites the reports from dist/; a test
// compares them, so that a change of the public interface is never made unseen. Expects a build.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The files of dist/ that package.json exports, by their report's name. */
export const entryPoints = ['index', 'fetch', 'undici'] as const
export type EntryPoint = (typeof entryPoints)[number]

export const reportFile = (entry: EntryPoint): string => join(root, 'etc', `${entry}.api.md`)

/** Makes the report. Throws where API Extractor can't read the declarations. */
export function apiReport(entry: EntryPoint): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-api-'))
  try {
    const { succeeded } = Extractor.invoke(configFor(entry, folder), {
      localBuild: true,
      messageCallback: (message) => {
        const isGrave = message.logLevel === ExtractorLogLevel.Error
        if (!isGrave) message.handled = true
      },
    })
    if (!succeeded) throw new Error(`API Extractor can't read dist/${entry}.d.ts`)
    return readFileSync(join(folder, `${entry}.api.md`), 'utf8')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function configFor(entry: EntryPoint, folder: string): ExtractorConfig {
  const declarations = join(root, 'dist', `${entry}.d.ts`)
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  }
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: declarations,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions, files: [declarations] } },
      apiReport: {
        enabled: true,
        reportFileName: `${entry}.api.md`,
        reportFolder: folder,
        reportTempFolder: join(folder, 'temp'),
        // Types that are not exported but can be seen through those that are.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      // Everything that an entry point exports is public; no tag has to say so.
      messages: { extractorMessageReporting: { default: { logLevel: 'none' as ExtractorLogLevel } } },
    },
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const entry of entryPoints) writeFileSync(reportFile(entry), apiReport(entry))
}
