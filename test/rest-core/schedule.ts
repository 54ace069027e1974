import type { Call, CallFaultThen } from '@stillrolling/emulator'
import fc from 'fast-check'

/** What one caller does: it starts a recording at some time, and may crash half-way and resume. */
export interface RecordingPlan {
  startAtMs: number
  /** Uses the cname and uid of the first plan, as a second process with the same job would. */
  rival: boolean
  /** Milliseconds from its beginning to a crash; null: no crash. */
  crashAfterMs: number | null
  /** How often it runs again with the resource it stored while the outcome is unknown. */
  resumes: number
  /** Waits for the confirmation, then stops it during the faults, once no request of its start can be under way. */
  stopEarly: boolean
}

/** The call is carried out, and the client receives this instead of its answer. */
export const REPLACED_ANSWERS = {
  notCompleted: { status: 206, body: '{"code":65,"reason":"request not completed"}' },
  timeout: { status: 504, body: '{"code":62,"reason":"request timeout"}' },
  emptySid: { status: 500, body: '{"sid":"","code":15}' },
  noSid: { status: 200, body: '{}' },
  gateway: { status: 502, body: '<html>Bad Gateway</html>' },
  blocked: { status: 403, body: '<html>Blocked by policy</html>' },
  truncated: { status: 200, body: '{"cname":"', isTruncated: true },
} as const

export type ReplacedAnswer = keyof typeof REPLACED_ANSWERS

export const OUTAGES = ['dns', 'refused', 'reset', 'hang', 'gateway'] as const

export type Outage = (typeof OUTAGES)[number]

export type PlannedFault = { atMs: number } & (
  | { kind: 'service'; call: Call; then: CallFaultThen; times: number }
  | { kind: 'replacedAnswer'; call: Call; answer: ReplacedAnswer; times: number }
  /** Hosts whose names contain `hosts` cannot be reached. */
  | { kind: 'outage'; hosts: 'agora.io' | 'sd-rtn.com' | 'api.' | ''; outage: Outage; seconds: number }
)

export interface Schedule {
  /** Delay of each answer on its way to the client. */
  latencyMs: number
  /** Seed of the client's jitter. */
  jitterSeed: number
  plans: readonly RecordingPlan[]
  faults: readonly PlannedFault[]
  /**
   * Every task that runs at `atMs` fails over: query, update and stop are answered with 404. At most one failover,
   * because Agora promises that one ends within 90 s, and a client must believe a 404 after that.
   */
  failover: { atMs: number; seconds: number } | null
}

/** Seconds that a request is delayed at most; after this no start can be under way. */
export const MAX_DELAY = 25

const calls = ['acquire', 'start', 'query', 'stop'] as const satisfies readonly Call[]

/** Answers in place of the service's, and lost answers. None of them contradicts what was done. */
const anyCall: readonly CallFaultThen[] = [
  { status: 429, message: 'API rate limit exceeded' },
  { status: 500, code: 500, reason: 'internal_error' },
  { status: 502, body: '<html>Bad Gateway</html>' },
  { status: 503, message: 'no healthy upstream' },
  { status: 400, code: 2, reason: 'a parameter' },
  { status: 403, message: 'forbidden' },
  { status: 403, body: '<html>Blocked by policy</html>' },
  { status: 404, body: '<html>Not Found</html>' },
  { status: 408, body: '' },
  { loseAnswer: true, how: 'hang' },
  { loseAnswer: true, how: 'reset' },
  { delay: 4 },
  { delay: MAX_DELAY },
  { drop: true },
]

const answersOf: Readonly<Record<(typeof calls)[number], readonly CallFaultThen[]>> = {
  acquire: [
    ...anyCall,
    { status: 400, code: 406, reason: 'vendor_over_load' },
    { status: 500, code: 504, reason: 'allocate_timeout' },
  ],
  start: [
    ...anyCall,
    { status: 206, code: 65, reason: 'request not completed' },
    { status: 400, code: 53, reason: 'task conflict' },
    { status: 400, code: 433, reason: 'resource expired' },
    { status: 500, code: 502, reason: 'Failed to allocate worker' },
    { status: 504, code: 62, reason: 'request timeout' },
  ],
  // Recipes query at intervals, so a 40x to a query is not about retrying one request.
  query: [
    ...anyCall.filter((then) => !('status' in then) || then.status === 429 || then.status >= 500),
    { status: 206, code: 65, reason: 'request not completed' },
    { status: 504, code: 62, reason: 'request timeout' },
  ],
  stop: [
    ...anyCall,
    { status: 206, code: 65, reason: 'request not completed' },
    { status: 504, code: 62, reason: 'request timeout' },
  ],
}

// Usually at the beginning, where the starts are.
const atMs = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 60_000 }))
const times = fc.integer({ min: 1, max: 6 })

const serviceFault: fc.Arbitrary<PlannedFault> = fc.constantFrom(...calls).chain((call) =>
  fc.record({
    atMs,
    kind: fc.constant('service' as const),
    call: fc.constant(call),
    then: fc.constantFrom(...answersOf[call]),
    times,
  }),
)

const replacedAnswerFault: fc.Arbitrary<PlannedFault> = fc.record({
  atMs,
  kind: fc.constant('replacedAnswer' as const),
  call: fc.constantFrom(...calls),
  answer: fc.constantFrom(...(Object.keys(REPLACED_ANSWERS) as ReplacedAnswer[])),
  times,
})

const outage: fc.Arbitrary<PlannedFault> = fc.record({
  atMs,
  kind: fc.constant('outage' as const),
  hosts: fc.constantFrom('agora.io', 'sd-rtn.com', 'api.', ''),
  outage: fc.constantFrom(...OUTAGES),
  seconds: fc.integer({ min: 1, max: 90 }),
})

const fault = fc.oneof(
  { weight: 4, arbitrary: serviceFault },
  { weight: 2, arbitrary: replacedAnswerFault },
  { weight: 1, arbitrary: outage },
)

const plan = (startAt: fc.Arbitrary<number>): fc.Arbitrary<RecordingPlan> =>
  fc.record({
    startAtMs: startAt,
    rival: fc.boolean(),
    crashAfterMs: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
    ),
    resumes: fc.integer({ min: 0, max: 2 }),
    stopEarly: fc.boolean(),
  })

const few = fc.array(plan(atMs), { minLength: 1, maxLength: 3 })
// More than the quota allows in a second.
const burst = fc.array(plan(fc.constant(0)), { minLength: 11, maxLength: 24 })

export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  latencyMs: fc.constantFrom(0, 40, 700),
  jitterSeed: fc.nat(),
  plans: fc.oneof({ weight: 24, arbitrary: few }, { weight: 1, arbitrary: burst }),
  faults: fc.array(fault, { maxLength: 6 }),
  failover: fc.option(fc.record({ atMs, seconds: fc.integer({ min: 1, max: 85 }) }), { freq: 2 }),
})
