import { readCommandLine } from '../commandLine.ts'
import { reasonsOf, recoverySeconds } from '../testbed/results.ts'
import { createTerminal } from '../testbed/terminal.ts'
import { openTestbed, type Testbed } from '../testbed/testbed.ts'
import { DEMO_CASES } from './demoCases.ts'
import { type CaseProgress, createDemoRun, type DemoRun } from './demoRun.ts'
import { createScreen, type Screen } from './screen.ts'

/** On two cores all cases have their results well before. */
const RUN_SECONDS = 75
const STOP_SECONDS = 10

const HELP = `Records six pages together, five of which go wrong, and shows how the reporter notices and records them again.

  npx -y pnpm@12 demo [--json] [--keep]

  --json   ends with one line of JSON: the result of each recording
  --keep   goes on recording afterwards, until Ctrl-C
  --help   this text`

interface Result {
  ok: boolean
  seconds: number
  recordings: {
    page: string
    state: string
    attempts: number
    reasons: string[]
    /** From the fault, or its first sign, until the recording rolled again. */
    recoverySeconds: number | null
  }[]
}

const main = async (): Promise<number> => {
  const { values } = readCommandLine({
    name: 'demo',
    help: HELP,
    options: { json: { type: 'boolean' }, keep: { type: 'boolean' } },
  })
  const startedAt = Date.now()
  const screen = createScreen(createTerminal(process.stdout, startedAt))
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort())

  screen.print('An emulator of Agora opens six pages in a real Chromium, and a reporter has them recorded.')
  screen.print('Each line: seconds, page, attempt, what happened.')
  const testbed = await openTestbed()
  try {
    const run = createDemoRun(testbed, DEMO_CASES)
    await run.start()
    const done = await run.runUntilDone({
      seconds: RUN_SECONDS,
      signal: interrupted.signal,
      onPoll: () => screen.update(run.cases),
    })
    screen.finish(run.cases)
    const result = resultOf(run.cases, done, startedAt)
    if (values.keep) await keep(testbed, screen, interrupted.signal)
    if (!interrupted.signal.aborted) result.ok = (await stopAll(run, screen)) && result.ok
    printSummary(run.cases, testbed, screen, result, interrupted.signal.aborted && !values.keep)
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    if (interrupted.signal.aborted && !values.keep) return 130
    return result.ok ? 0 : 1
  } finally {
    await testbed.close()
  }
}

const keep = async (testbed: Testbed, screen: Screen, signal: AbortSignal): Promise<void> => {
  const { reporterUrl, apiKey, pages, emulator } = testbed
  screen.print('')
  screen.print('All recordings go on until Ctrl-C.')
  screen.print(`  Reporter ${reporterUrl}, API key ${apiKey}`)
  screen.print(`  Pages ${pages.url}, emulator ${emulator.url}`)
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

const stopAll = async (run: DemoRun, screen: Screen): Promise<boolean> => {
  screen.print('')
  screen.print('Stopping all recordings …')
  const stopped = await run.stopAll(STOP_SECONDS)
  if (!stopped) screen.print(`Not all recordings stopped within ${STOP_SECONDS} s.`)
  return stopped
}

const resultOf = (cases: readonly CaseProgress[], ok: boolean, startedAt: number): Result => ({
  ok,
  seconds: Math.round((Date.now() - startedAt) / 100) / 10,
  recordings: cases.map(({ demoCase, recording, timeline, faultAt }) => ({
    page: demoCase.page,
    state: recording?.state ?? 'unknown',
    attempts: recording?.attemptCount ?? 0,
    reasons: recording ? reasonsOf(recording) : [],
    recoverySeconds: recoverySeconds(timeline, faultAt),
  })),
})

const printSummary = (
  cases: readonly CaseProgress[],
  testbed: Testbed,
  screen: Screen,
  result: Result,
  interrupted: boolean,
): void => {
  screen.print('')
  for (const recording of result.recordings) screen.print(summaryOf(recording))
  screen.print('')
  if (result.ok) {
    screen.print(`All six recordings ended as expected, after ${result.seconds} s.`)
    return
  }
  if (interrupted) {
    screen.print('Interrupted.')
    return
  }
  screen.print('Not every recording ended as expected:')
  for (const [index, { demoCase }] of cases.entries()) {
    const recording = result.recordings[index]
    if (!recording) continue
    const { state, attempts, reasons } = recording
    screen.print(`  ${demoCase.page}: ${state}, ${attempts} attempts, [${reasons.join(', ')}]`)
  }
  const output = testbed.reporter().output()
  if (output !== '') screen.print(`Output of the reporter:\n${output}`)
}

const summaryOf = ({ page, attempts, reasons, recoverySeconds }: Result['recordings'][number]): string => {
  const text = reasons.length === 0 ? 'the first attempt is still rolling' : reasons.join(', then ')
  const recovery = recoverySeconds === null ? '' : `; rolling again after ${recoverySeconds} s`
  return `  ${page.padEnd(17)}${attempts} attempt${attempts === 1 ? ' ' : 's'}  ${text}${recovery}`
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
