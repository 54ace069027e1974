import { resolve } from 'node:path'
import { readCommandLine } from '../commandLine.ts'
import type { PageServer } from '../pages/serveApp.ts'
import { freePort } from '../testbed/freePort.ts'
import { createTerminal, type Terminal } from '../testbed/terminal.ts'
import { openTestbed, type Testbed, type TestbedOptions } from '../testbed/testbed.ts'
import { findPage, type Page } from './findPage.ts'
import { serveFolder } from './serveFolder.ts'
import { HELP, introduction } from './texts.ts'
import { createTrial, TRIAL_POLICY, type TrialRequest, type TrialResult } from './trial.ts'

const DEFAULT_PORT = 8080
const MAX_SECONDS = 86_400
const EXAMPLE = 'healthy.html'

interface Arguments {
  page: Page
  expect: string[]
  media: string[]
  seconds: number | undefined
  port: number
  database: string | undefined
  json: boolean
}

/** Relative paths are relative to where the command was typed; pnpm runs scripts elsewhere and names that folder. */
const typedIn = (): string => process.env.INIT_CWD ?? process.cwd()

const readArguments = async (): Promise<Arguments> => {
  const { values, positionals, numberOf, refuse } = readCommandLine({
    name: 'try',
    help: HELP,
    options: {
      expect: { type: 'string', multiple: true },
      media: { type: 'string', multiple: true },
      seconds: { type: 'string' },
      port: { type: 'string' },
      database: { type: 'string' },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  })
  if (positionals.length > 1) refuse(`One page at a time, got ${positionals.join(' and ')}`)
  const seconds = numberOf('seconds', { min: 1, max: MAX_SECONDS, fallback: 0 })
  const given = numberOf('port', { min: 1, max: 65_535, fallback: 0 })
  const port = await freePort(given || DEFAULT_PORT)
  if (given && port !== given) refuse(`Port ${given} of 127.0.0.1 is in use`)
  return {
    page: await findPage(positionals[0], typedIn()).catch((error: Error) => refuse(error.message)),
    expect: values.expect ?? [],
    media: values.media ?? [],
    seconds: seconds || undefined,
    port,
    database: values.database && resolve(typedIn(), values.database),
    json: values.json ?? false,
  }
}

const testbedOptions = ({ port, database }: Arguments): TestbedOptions => ({
  port,
  ownGroup: true,
  environment: {
    DEFAULT_POLICY: JSON.stringify(TRIAL_POLICY),
    ...(database !== undefined && { DATABASE_FILE: database }),
  },
})

/** Ends by Ctrl-C, by SIGTERM, when the terminal is closed, or when the time is over. */
const endSignal = (seconds: number | undefined): AbortSignal => {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort())
  }
  if (seconds !== undefined) setTimeout(() => interrupted.abort(), seconds * 1000).unref()
  return interrupted.signal
}

const main = async (): Promise<number> => {
  const startedAt = Date.now()
  const args = await readArguments()
  const terminal = createTerminal(process.stdout, startedAt)
  const signal = endSignal(args.seconds)
  terminal.print('Starting an emulator of Agora with a real Chromium, and a reporter …', '')
  const { page } = args
  const files = page.kind === 'file' ? await serveFolder(page.folder) : undefined
  try {
    const testbed = await openTestbed(testbedOptions(args))
    try {
      const result = await runTrial(testbed, terminal, { ...args, url: urlOf(page, testbed, files) }, signal)
      terminal.print(summaryOf(result))
      if (args.json) terminal.print(JSON.stringify(result))
      return result.ok || args.seconds === undefined ? 0 : 1
    } finally {
      await testbed.close()
    }
  } finally {
    await files?.close()
  }
}

const urlOf = (page: Page, { pages }: Testbed, files: PageServer | undefined): string => {
  if (page.kind === 'address') return page.url
  return page.kind === 'file' ? `${files?.url}/${encodeURIComponent(page.path)}` : `${pages.url}/${EXAMPLE}`
}

const runTrial = async (
  testbed: Testbed,
  terminal: Terminal,
  request: TrialRequest,
  signal: AbortSignal,
): Promise<TrialResult> => {
  terminal.print(...introduction(testbed, request.url))
  const trial = createTrial(testbed, terminal, request)
  try {
    await trial.start()
    await trial.follow(signal)
    const result = await trial.result()
    terminal.print('', 'Stopping the recording …')
    await trial.stop()
    return result
  } catch (error) {
    console.error(testbed.reporter().output())
    throw error
  }
}

const summaryOf = ({ state, attempts, reasons }: TrialResult): string => {
  const failures = reasons.length === 0 ? '' : `; failed: ${reasons.join(', then ')}`
  return `The recording was ${state} after ${attempts} attempt${attempts === 1 ? '' : 's'}${failures}.`
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exitCode = 1
  },
)
