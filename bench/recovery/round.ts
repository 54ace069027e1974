import { setTimeout as sleep } from 'node:timers/promises'
import type { Testbed } from '@stillrolling/examples/testbed'
import type { Fault } from './faults.ts'

/** A recording of a round: with a fault, or without one beside the others. */
interface Case {
  id: string
  fault: Fault | undefined
  faultAt: number
}

/** What became of one fault. Times in milliseconds. */
export interface Sample {
  fault: string
  /** Why the attempt was given up. */
  reason: string
  faultToDecision: number
  /** Until the emulator received `start` of the next attempt; `acquire` went before it. */
  decisionToStart: number
  startToRolling: number
}

export interface Outcome {
  samples: Sample[]
  /** Attempts that were made of recordings without a fault, beyond the first. */
  falseRestarts: number
}

export interface RoundOptions {
  /** How many recordings have each fault. */
  perFault: number
  healthy: number
}

/** Between two recordings that begin, and between two faults, in milliseconds: each restart finds the quota free. */
const STAGGER_MS = 1500
/** From the last start until all pages should have loaded, in milliseconds. */
const LOADING_MS = 20_000
/** Longer than the longest way from a fault to the next attempt that rolls, in milliseconds. */
const PATIENCE_MS = 120_000

/** Records pages with faults and pages without at once, until all roll (again), and stops them. */
export const playRound = async (
  testbed: Testbed,
  round: number,
  faults: readonly Fault[],
  options: RoundOptions,
): Promise<Outcome> => {
  const cases = castOf(round, faults, options)
  for (const { id, fault, faultAt } of cases) {
    const query = fault?.query?.(faultAt) ?? ''
    await testbed.api.create({
      id,
      url: `${testbed.pages.url}/scheduled.html${query}`,
      video: { width: 640, height: 360, fps: 15 },
      maxRecordingHour: 1,
      expect: ['#board'],
      media: ['video.teacher'],
    })
    await sleep(STAGGER_MS)
  }
  for (const each of cases) {
    if (!each.fault?.fromTheStart) await until(`${each.id} rolls`, () => rolls(testbed, each.id, 1))
  }
  for (const each of cases.filter(({ fault }) => fault?.command)) await strike(testbed, each)
  for (const { id, fault } of cases) {
    await until(`${id} rolls after its fault`, () => rolls(testbed, id, fault ? 2 : 1))
  }
  const outcome = await outcomeOf(testbed, cases)
  for (const { id } of cases) await testbed.api.stop(id)
  await until('all have stopped', () => testbed.emulator.tasks().every(({ state }) => state === 'ended'))
  return outcome
}

/** Faults of a kind do not come one after the other, so that a moment of the machine strikes no kind alone. */
const castOf = (round: number, faults: readonly Fault[], { perFault, healthy }: RoundOptions): Case[] => {
  const kinds: (Fault | undefined)[] = [
    ...Array.from({ length: healthy }, () => undefined),
    ...Array.from({ length: perFault }, () => faults).flat(),
  ]
  const begins = Date.now()
  const strikes = begins + kinds.length * STAGGER_MS + LOADING_MS
  return kinds.map((fault, index) => ({
    id: `round${round}case${index}`,
    fault,
    faultAt: fault?.fromTheStart ? begins + index * STAGGER_MS : strikes + index * STAGGER_MS,
  }))
}

const strike = async ({ api, emulator }: Testbed, each: Case): Promise<void> => {
  const sid = (await api.get(each.id)).attempts[0]?.sid
  if (!sid || !each.fault?.command) throw new Error(`${each.id} cannot be struck`)
  await sleep(Math.max(0, each.faultAt - Date.now()))
  each.faultAt = Date.now()
  await emulator.runCommand(sid, each.fault.command)
}

const rolls = async ({ api }: Testbed, id: string, attempts: number): Promise<boolean> => {
  const recording = await api.get(id)
  return recording.state === 'rolling' && recording.attempts.length >= attempts
}

const until = async (what: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + PATIENCE_MS; !(await condition()); await sleep(200)) {
    if (Date.now() > deadline) throw new Error(`Not within ${PATIENCE_MS / 1000} s: ${what}`)
  }
}

const outcomeOf = async (testbed: Testbed, cases: readonly Case[]): Promise<Outcome> => {
  const samples: Sample[] = []
  let falseRestarts = 0
  for (const each of cases) {
    if (each.fault) samples.push(await sampleOf(testbed, each, each.fault))
    else falseRestarts += (await testbed.api.get(each.id)).attempts.length - 1
  }
  return { samples, falseRestarts }
}

const sampleOf = async ({ api, emulator }: Testbed, each: Case, fault: Fault): Promise<Sample> => {
  const timeline = await api.timeline(each.id, 0)
  const atOf = (code: string, attempt: number | null): number =>
    Date.parse(timeline.findLast((entry) => entry.code === code && entry.attempt === attempt)?.at ?? '')
  const [first, second] = (await api.get(each.id)).attempts
  const decidedAt = atOf('attempt.failed', 1)
  const sent = emulator
    .requests()
    .find(({ call, cname, uid }) => call === 'start' && cname === each.id && uid === second?.uid)
  const startedAt = Date.parse(sent?.at ?? '')
  const faultAt = fault.fromTheStart ? Date.parse(first?.startedAt ?? '') : each.faultAt
  return {
    fault: fault.name,
    reason: first?.endReason?.code ?? 'none',
    faultToDecision: decidedAt - faultAt,
    decisionToStart: startedAt - decidedAt,
    startToRolling: atOf('recording.rolling', null) - startedAt,
  }
}
