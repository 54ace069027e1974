import { setTimeout as sleep } from 'node:timers/promises'
import type { Testbed } from '@stillrolling/examples/testbed'
import type { Fault } from './faults.ts'

/** A recording of a round: with a fault, or without one beside the others. */
interface Case {
  id: string
  fault: Fault | undefined
  faultAt: number
}

/** How the reporter recovered from one fault. Times in milliseconds. */
export interface Sample {
  fault: string
  /** The code of the attempt's end reason. */
  reason: string
  faultToDecision: number
  /** Until the emulator received the next attempt's `start`, which includes its `acquire`. */
  decisionToStart: number
  startToRolling: number
}

export interface RoundResult {
  samples: Sample[]
  /** How many attempts beyond the first the recordings without a fault had. */
  falseRestarts: number
}

export interface RoundOptions {
  /** From 1. */
  round: number
  faults: readonly Fault[]
  /** How many recordings have each fault. */
  perFault: number
  /** How many recordings have no fault. */
  healthy: number
}

/** Between two starts and between two faults, in milliseconds: no restart has to queue for the quota. */
const STAGGER_MS = 1500
/** From the last start until all pages have loaded, in milliseconds. */
const LOADING_MS = 20_000
/** Longer than the longest recovery, in milliseconds. */
const TIMEOUT_MS = 120_000

/** Records pages with and without faults together, until all of them roll after the faults, and stops them. */
export const runRound = async (testbed: Testbed, options: RoundOptions): Promise<RoundResult> => {
  const cases = planCases(options)
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
    if (!each.fault?.fromStart) await until(`${each.id} rolls`, () => rolls(testbed, each.id, 1))
  }
  for (const each of cases.filter(({ fault }) => fault?.command)) await injectFault(testbed, each)
  for (const { id, fault } of cases) {
    await until(`${id} rolls after its fault`, () => rolls(testbed, id, fault ? 2 : 1))
  }
  const result = await measureCases(testbed, cases)
  for (const { id } of cases) await testbed.api.stop(id)
  await until('all have stopped', () => testbed.emulator.tasks().every(({ state }) => state === 'ended'))
  return result
}

/** Faults of one kind are spread over the round, so that a slow moment of the machine does not affect one kind alone. */
const planCases = ({ round, faults, perFault, healthy }: RoundOptions): Case[] => {
  const kinds: (Fault | undefined)[] = [
    ...Array.from({ length: healthy }, () => undefined),
    ...Array.from({ length: perFault }, () => faults).flat(),
  ]
  const firstStartAt = Date.now()
  const firstFaultAt = firstStartAt + kinds.length * STAGGER_MS + LOADING_MS
  return kinds.map((fault, index) => ({
    id: `round${round}case${index}`,
    fault,
    faultAt: fault?.fromStart ? firstStartAt + index * STAGGER_MS : firstFaultAt + index * STAGGER_MS,
  }))
}

const injectFault = async ({ api, emulator }: Testbed, each: Case): Promise<void> => {
  const sid = (await api.get(each.id)).attempts[0]?.sid
  if (!sid || !each.fault?.command) throw new Error(`${each.id} has no sid or no fault to inject`)
  await sleep(Math.max(0, each.faultAt - Date.now()))
  each.faultAt = Date.now()
  await emulator.runCommand(sid, each.fault.command)
}

const rolls = async ({ api }: Testbed, id: string, attempts: number): Promise<boolean> => {
  const recording = await api.get(id)
  return recording.state === 'rolling' && recording.attemptCount >= attempts
}

const until = async (what: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + TIMEOUT_MS; !(await condition()); await sleep(200)) {
    if (Date.now() > deadline) throw new Error(`Not within ${TIMEOUT_MS / 1000} s: ${what}`)
  }
}

const measureCases = async (testbed: Testbed, cases: readonly Case[]): Promise<RoundResult> => {
  const samples: Sample[] = []
  let falseRestarts = 0
  for (const each of cases) {
    if (each.fault) samples.push(await measureCase(testbed, each, each.fault))
    else falseRestarts += (await testbed.api.get(each.id)).attemptCount - 1
  }
  return { samples, falseRestarts }
}

const measureCase = async ({ api, emulator }: Testbed, each: Case, fault: Fault): Promise<Sample> => {
  const timeline = await api.timeline(each.id, 0)
  const atOf = (code: string, attempt: number | null): number =>
    Date.parse(timeline.findLast((entry) => entry.code === code && entry.attempt === attempt)?.at ?? '')
  const [first, second] = (await api.get(each.id)).attempts
  const candidateAt = atOf('candidate.started', 2)
  // Hard evidence ends the attempt; soft evidence starts a candidate beside it.
  const decidedAt = Number.isNaN(candidateAt) ? atOf('attempt.failed', 1) : candidateAt
  const sent = emulator
    .requests()
    .find(({ call, cname, uid }) => call === 'start' && cname === each.id && uid === second?.uid)
  const startedAt = Date.parse(sent?.at ?? '')
  const faultAt = fault.fromStart ? Date.parse(first?.startedAt ?? '') : each.faultAt
  return {
    fault: fault.name,
    reason: first?.endReason?.code ?? 'none',
    faultToDecision: decidedAt - faultAt,
    decisionToStart: startedAt - decidedAt,
    startToRolling: atOf('recording.rolling', null) - startedAt,
  }
}
