import * as clientExports from '@stillrolling/client'
import * as emulatorExports from '@stillrolling/emulator'
import * as probeExports from '@stillrolling/probe'
import * as reporterExports from '@stillrolling/reporter'
import * as restCoreExports from '@stillrolling/rest-core'
import { setUp as setUpClient } from './client.ts'
import { setUp as setUpEmulator } from './emulator.ts'
import { setUp as setUpProbe } from './probe.ts'
import { setUp as setUpReporter } from './reporter.ts'
import { setUp as setUpRestCore } from './restCore.ts'
import type { Stage } from './stage.ts'

export interface DocumentedPackage {
  name: string
  /** Path of the index file, from the repository's root. */
  index: string
  exports: object
  /** Path of the module that exports `setUp` and the type `Names`, from a folder in this one. */
  namesModule: string
  setUp(): Promise<Stage>
  /** Whether a function without an example is a failure. Set it once all have one. */
  complete: boolean
}

/** The packages whose `@example`s are run. */
export const PACKAGES: readonly DocumentedPackage[] = [
  {
    name: '@stillrolling/rest-core',
    index: 'packages/rest-core/src/index.ts',
    exports: restCoreExports,
    namesModule: '../restCore.ts',
    setUp: setUpRestCore,
    complete: true,
  },
  {
    name: '@stillrolling/emulator',
    index: 'packages/emulator/src/index.ts',
    exports: emulatorExports,
    namesModule: '../emulator.ts',
    setUp: setUpEmulator,
    complete: true,
  },
  {
    name: '@stillrolling/reporter',
    index: 'packages/reporter/src/index.ts',
    exports: reporterExports,
    namesModule: '../reporter.ts',
    setUp: setUpReporter,
    complete: true,
  },
  {
    name: '@stillrolling/probe',
    index: 'packages/probe/src/index.ts',
    exports: probeExports,
    namesModule: '../probe.ts',
    setUp: setUpProbe,
    complete: true,
  },
  {
    name: '@stillrolling/client',
    index: 'packages/client/src/index.ts',
    exports: clientExports,
    namesModule: '../client.ts',
    setUp: setUpClient,
    complete: true,
  },
]
