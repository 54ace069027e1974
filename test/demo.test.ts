import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DEMO_CASES } from '@stillrolling/examples/demo'
import { expect, test } from 'vitest'
import { runScript, stillAlive, until } from './runScript.ts'

const MAIN = fileURLToPath(import.meta.resolve('@stillrolling/examples/demo/main'))

const runDemo = (...flags: string[]) => runScript(MAIN, flags)

test('six pages are recorded, five of them fail, and each recording ends as its case expects', async () => {
  const demo = runDemo('--json')
  expect(await demo.exit, demo.output.out + demo.output.err).toBe(0)

  const result = JSON.parse(demo.output.out.trimEnd().split('\n').at(-1) ?? '')
  expect(result.ok).toBe(true)
  expect(result.seconds).toBeLessThan(90)
  const results = result.recordings.map(({ page, state, attempts, reasons }: Record<string, unknown>) => ({
    page,
    state,
    attempts,
    reasons,
  }))
  expect(results).toEqual(DEMO_CASES.map(({ page, expected }) => ({ page, ...expected })))
  for (const { page, recoverySeconds } of result.recordings) {
    const recovers = ['missing-element', 'freezing-video', 'dying', 'stopped'].includes(page)
    if (recovers) expect(recoverySeconds, page).toBeGreaterThan(0)
    else expect(recoverySeconds, page).toBeNull()
  }

  expect(demo.output.out).toMatch(
    /missing-element .*event 73\)\. The page reported .* it waits for #board \(no element matches\)/,
  )
  expect(demo.output.out).toMatch(
    /missing-element .*event 71, code 4 .* The page reported .* it waits for #board \(no element matches\)/,
  )
  expect(demo.output.out).toMatch(/no-probe .*event 71, code 4 .* The page never reached the reporter\./)
  expect(demo.output.out).toContain('video.teacher')
  expect(demo.output.out, 'no colours when it is not a terminal').not.toContain('\u001b')
  expect(demo.output.err, 'no output on stderr').toBe('')
  expect(demo.started.size).toBeGreaterThan(2)
  expect(await stillAlive(demo.started)).toEqual([])
})

test('Ctrl-C during the demo leaves no process behind', async () => {
  const demo = runDemo()
  await until(() => demo.output.out.includes('page.hello'), 60)
  expect(demo.started.size).toBeGreaterThan(2)
  demo.child.kill('SIGINT')
  expect(await demo.exit, demo.output.out + demo.output.err).toBe(130)
  expect(await stillAlive(demo.started)).toEqual([])
})

test('--keep goes on recording until Ctrl-C, which leaves no process behind', async () => {
  const demo = runDemo('--keep')
  await until(() => demo.output.out.includes('All recordings go on until Ctrl-C'), 90)
  const reporterUrl = /Reporter (\S+),/.exec(demo.output.out)?.[1]
  await sleep(1000)
  expect((await fetch(`${reporterUrl}/healthz`)).status).toBe(200)
  demo.child.kill('SIGINT')
  expect(await demo.exit, demo.output.out + demo.output.err).toBe(0)
  expect(await stillAlive(demo.started)).toEqual([])
})
