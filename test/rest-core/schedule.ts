import type { Call, CallFaultThen } from '@stillrolling/emulator'
import fc from 'fast-check'

/** What one caller wants: a recording, begun at some time, perhaps given up half-way and taken up again. */
export interface Wish {
  startAtMs: number
  /** Wants the cname and uid of the first wish too, as a second process that took up the same job would. */
  rival: boolean
  /** Crashes so long after it began; null: never. */
  crashAfterMs: number | null
  /** How often it runs again, with the resource it stored, while the outcome is unknown. */
  resumes: number
  /** Waits to see it confirmed, and stops it once no request of its start can be under way, amid the faults. */
  stopEarly: boolean
}

/** The call is done, and this is what comes back in place of its answer. */
export const TWISTS = {
  notCompleted: { status: 206, body: '{"code":65,"reason":"request not completed"}' },
  timeout: { status: 504, body: '{"code":62,"reason":"request timeout"}' },
  emptySid: { status: 500, body: '{"sid":"","code":15}' },
  noSid: { status: 200, body: '{}' },
  gateway: { status: 502, body: '<html>Bad Gateway</html>' },
  cut: { status: 200, body: '{"cname":"', broken: true },
} as const

export type Twist = keyof typeof TWISTS

export const OUTAGES = ['dns', 'refused', 'reset', 'hang', 'gateway'] as const

export type Outage = (typeof OUTAGES)[number]

export type PlannedFault = { atMs: number } & (
  | { kind: 'service'; call: Call; then: CallFaultThen; times: number }
  | { kind: 'twist'; call: Call; twist: Twist; times: number }
  /** Hosts whose name fits are out of reach, or all. */
  | { kind: 'outage'; hosts: 'agora.io' | 'sd-rtn.com' | 'api.' | ''; outage: Outage; seconds: number }
)

export interface Schedule {
  /** From the service's answer to the client. */
  latencyMs: number
  /** Of the client's jitter. */
  jitterSeed: number
  wishes: readonly Wish[]
  faults: readonly PlannedFault[]
  /**
   * Every task that lives then fails over: 404 to query, update and stop. Once at most, because Agora promises an
   * end within 90 s for one, and a client must believe a 404 some day.
   */
  failover: { atMs: number; seconds: number } | null
}

/** No request is held longer than this, so nobody's start is under way when this long has passed. */
export const LONGEST_DELAY = 25

const calls = ['acquire', 'start', 'query', 'stop'] as const satisfies readonly Call[]

/** Answers in place of the service, and lost ones. None of the answers lies about what was done. */
const anyCall: readonly CallFaultThen[] = [
  { status: 429, message: 'API rate limit exceeded' },
  { status: 500, code: 500, reason: 'internal_error' },
  { status: 502, body: '<html>Bad Gateway</html>' },
  { status: 503, message: 'no healthy upstream' },
  { status: 400, code: 2, reason: 'a parameter' },
  { status: 403, message: 'forbidden' },
  { loseAnswer: true, how: 'hang' },
  { loseAnswer: true, how: 'reset' },
  { delay: 4 },
  { delay: LONGEST_DELAY },
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
  // A query is the watch of a recording: what a 40x means to it is not a matter of repeating one request.
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

// Mostly at the beginning, where the starts are.
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

const twistFault: fc.Arbitrary<PlannedFault> = fc.record({
  atMs,
  kind: fc.constant('twist' as const),
  call: fc.constantFrom(...calls),
  twist: fc.constantFrom(...(Object.keys(TWISTS) as Twist[])),
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
  { weight: 2, arbitrary: twistFault },
  { weight: 1, arbitrary: outage },
)

const wish = (startAt: fc.Arbitrary<number>): fc.Arbitrary<Wish> =>
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

const few = fc.array(wish(atMs), { minLength: 1, maxLength: 3 })
// More than the quota lets through in a second.
const burst = fc.array(wish(fc.constant(0)), { minLength: 11, maxLength: 24 })

export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  latencyMs: fc.constantFrom(0, 40, 700),
  jitterSeed: fc.nat(),
  wishes: fc.oneof({ weight: 24, arbitrary: few }, { weight: 1, arbitrary: burst }),
  faults: fc.array(fault, { maxLength: 6 }),
  failover: fc.option(fc.record({ atMs, seconds: fc.integer({ min: 1, max: 85 }) }), { freq: 2 }),
})
