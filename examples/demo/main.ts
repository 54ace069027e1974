import { readCommandLine } from '../commandLine.ts'
import type { Act, Performance } from './performance.ts'
import { createPerformance } from './performance.ts'
import { createScreen, type Screen } from './screen.ts'
import { openStage, type Stage } from './stage.ts'
import { reasonsOf, recoverySeconds, STORIES } from './stories.ts'

/** All six stories end well within this on two cores; more, and something is wrong. */
const STORY_SECONDS = 75
const END_SECONDS = 10

const HELP = `Records six pages at once, five of which go wrong, and shows how each is recorded again.

  npx -y pnpm@12 demo [--json] [--keep]

  --json   the very last line is one JSON object with what happened
  --keep   leaves everything running when the stories have ended, until Ctrl-C
  --help   this`

interface Result {
  ok: boolean
  seconds: number
  recordings: {
    page: string
    state: string
    attempts: number
    reasons: string[]
    /** From the fault, or its first sign, until it rolled again. */
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
  const screen = createScreen(process.stdout, startedAt)
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort())

  screen.line('Six pages are being recorded, by an emulator of Agora with a real Chromium.')
  const stage = await openStage()
  try {
    const performance = createPerformance(stage, STORIES)
    await performance.begin()
    const ended = await performance.watch({
      seconds: STORY_SECONDS,
      signal: interrupted.signal,
      each: () => screen.show(performance.acts),
    })
    screen.finish(performance.acts)
    const result = resultOf(performance.acts, ended, startedAt)
    if (values.keep) await keep(stage, screen, interrupted.signal)
    if (!interrupted.signal.aborted) result.ok = (await endAll(performance, screen)) && result.ok
    sumUp(performance.acts, stage, screen, result, interrupted.signal.aborted && !values.keep)
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    if (interrupted.signal.aborted && !values.keep) return 130
    return result.ok ? 0 : 1
  } finally {
    await stage.close()
  }
}

const keep = async (stage: Stage, screen: Screen, signal: AbortSignal): Promise<void> => {
  screen.line('')
  screen.line(
    `All goes on until Ctrl-C. Reporter ${stage.reporterUrl}, pages ${stage.pages.url}, emulator ${stage.emulator.url}`,
  )
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

const endAll = async (performance: Performance, screen: Screen): Promise<boolean> => {
  screen.line('')
  screen.line('Stopping all recordings …')
  const ended = await performance.end(END_SECONDS)
  if (!ended) screen.line(`Not all recordings could be stopped within ${END_SECONDS} s.`)
  return ended
}

const resultOf = (acts: readonly Act[], ok: boolean, startedAt: number): Result => ({
  ok,
  seconds: Math.round((Date.now() - startedAt) / 100) / 10,
  recordings: acts.map(({ story, recording, timeline, sabotagedAt }) => ({
    page: story.page,
    state: recording?.state ?? 'unknown',
    attempts: recording?.attempts.length ?? 0,
    reasons: recording ? reasonsOf(recording) : [],
    recoverySeconds: recoverySeconds(timeline, sabotagedAt),
  })),
})

const sumUp = (
  acts: readonly Act[],
  stage: Stage,
  screen: Screen,
  result: Result,
  interrupted: boolean,
): void => {
  screen.line('')
  for (const { page, reasons, attempts, recoverySeconds } of result.recordings) {
    const story = reasons.length === 0 ? 'rolled from the first attempt on' : reasons.join(', then ')
    const recovery = recoverySeconds === null ? '' : `; rolling again after ${recoverySeconds} s`
    screen.line(`  ${page.padEnd(17)}${attempts} attempt${attempts === 1 ? ' ' : 's'}  ${story}${recovery}`)
  }
  screen.line('')
  if (result.ok) {
    screen.line(`All six recordings ended as they should, after ${result.seconds} s.`)
    return
  }
  if (interrupted) {
    screen.line('Interrupted.')
    return
  }
  screen.line('Not every recording ended as it should:')
  for (const [index, { story }] of acts.entries()) {
    const found = result.recordings[index]
    if (found)
      screen.line(
        `  ${story.page}: ${found.state}, ${found.attempts} attempts, [${found.reasons.join(', ')}]`,
      )
  }
  const words = stage.reporter().said()
  if (words !== '') screen.line(`The reporter said:\n${words}`)
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
