import { createCounts } from './counts.ts'
import type { ProbeEnvironment } from './environment.ts'
import { guard } from './guard.ts'
import { listenOn } from './listeners.ts'
import { createLookout } from './lookout.ts'
import { notifyReady } from './notifyReady.ts'
import type { PageExpectation, ProbeEvents, ProbeOptions, ProbePhase, ProbeState } from './probeTypes.ts'
import type { Draft } from './sender/outbox.ts'
import { createSender } from './sender/sender.ts'
import { createTicker } from './ticker.ts'
import { FENCE_PREFIX, type ReportAnswer, type ReportType } from './types.ts'

/** Between looks at the page until it is loaded: a recording should begin as soon as it can. */
const LOADING_PERIOD_MS = 250
/** Between looks at the page from then on. */
const LOADED_PERIOD_MS = 1000
/** Between heartbeats, until the reporter has said how often it wants them. */
const DEFAULT_INTERVAL_S = 10
/** Looks in a row that must find every expectation met. */
const LOOKS_TO_LOAD = 2
/** How long a loaded page waits for the reporter's word, when its token asks for the fence. */
const FENCE_WAIT_MS = 15_000
/** Of JSON in UTF-8. */
const MAX_NOTE_BYTES = 1024

export type Emit = <E extends keyof ProbeEvents>(event: E, ...args: Parameters<ProbeEvents[E]>) => void

/** The probe of a document that is being recorded. */
export interface Run {
  expect(expectation: PageExpectation): void
  ready(): void
  note(data: unknown): void
  stop(): void
  readonly state: ProbeState
}

/** Random per document: a reload is another page. `randomUUID` is missing where the page is not secure. */
const pageId = (crypto: Crypto): string => crypto.getRandomValues(new Uint32Array(4)).join('')

const reportsUrl = (endpoint: string, base: string): string =>
  new URL(`${endpoint.replace(/\/+$/, '')}/v1/reports`, base).href

/** @param tell receives what went wrong inside */
export const startRun = (
  options: ProbeOptions,
  token: string,
  environment: ProbeEnvironment,
  emit: Emit,
  tell: (fault: unknown) => void,
): Run => {
  const { window, clock, afterFrame } = environment
  const { document, navigator } = window
  const page = pageId(window.crypto)
  let phase: ProbePhase = 'loading'
  let sending = true
  let notified = false
  /** Whether the reporter has answered, or could not: until then it may name more expectations. */
  let settled = false
  /** Until when the recorder waits for the reporter to confirm that this attempt is current. */
  let fencedUntil = token.startsWith(FENCE_PREFIX) ? Number.POSITIVE_INFINITY : 0
  let looksMet = 0
  let intervalMs = DEFAULT_INTERVAL_S * 1000
  let seq = 0
  let late = 0
  let frames = 0
  let note: unknown
  /** What the recording expects, as the reporter said it last; empty until it has answered. */
  let told = ''
  /** The page has called `ready()`. */
  let ready = false
  let reportedAt = 0

  const lookout = createLookout(environment, { stall: options.stall, isReady: () => ready }, tell)
  const lookAtPage = (framed: boolean) => lookout.look(ticker.periodMs, phase === 'loaded', framed)
  const expect = (expectations: Pick<ProbeOptions, 'expect' | 'media'>): void => {
    if (lookout.expect(expectations, phase === 'loaded')) looksMet = 0
  }

  const draft = (type: ReportType): Draft => {
    const { checks, media, warnings } = view
    const made: Draft = {
      v: 1,
      token,
      type,
      page,
      seq: ++seq,
      at: Math.round(clock.now()),
      checks,
      media,
      warnings,
      visible: document.visibilityState === 'visible',
      late: Math.round(late),
      ...counts,
      frames,
      note,
    }
    note = undefined
    frames = 0
    late = 0
    return made
  }

  const report = (type: ReportType, keep: boolean): void => {
    reportedAt = clock.now()
    sender.send(draft(type), keep)
  }

  const onAnswer = (answer: ReportAnswer): void => {
    settled = true
    intervalMs = answer.interval * 1000
    // It repeats itself with every answer.
    const before = told
    told = JSON.stringify([answer.expect, answer.media])
    if (told !== before) expect(answer)
    if (!before) emit('hello', answer)
  }

  const sender = createSender(reportsUrl(options.endpoint, window.location.href), environment, {
    onKept: guard((kept, answer) => {
      onAnswer(answer)
      if (kept.type === 'loaded') fencedUntil = 0
      if (kept.type === 'heartbeat') emit('heartbeat', kept)
    }, tell),
    onFailed() {
      settled = true
    },
    onSuperseded: guard(() => {
      end('superseded')
      emit('superseded')
    }, tell),
    onRefused(status) {
      settled = true
      sending = false
      tell(new Error(`the reporter refuses this page: HTTP ${status}`))
    },
  })

  /** A recorder that waits for a page must not suffer from the reporter's absence: the fence ends by itself. */
  const tellRecorder = (now: number): void => {
    if (phase !== 'loaded' || notified || now < fencedUntil) return
    try {
      notified = notifyReady(navigator)
    } catch (fault) {
      notified = true
      tell(fault)
    }
  }

  const load = (now: number): void => {
    looksMet = view.ok ? looksMet + 1 : 0
    if (looksMet < LOOKS_TO_LOAD || !settled) return
    phase = 'loaded'
    ticker.periodMs = LOADED_PERIOD_MS
    fencedUntil = Math.min(fencedUntil, now + FENCE_WAIT_MS)
    report('loaded', true)
    emit('loaded')
  }

  const onTick = (_: number, lateMs: number): void => {
    late = Math.max(late, lateMs)
    if (document.hidden && lateMs > ticker.periodMs / 2) lookout.watch?.keepAwake(ticker.catchUp)
    afterFrame(guard(look, tell))
  }

  const look = (framed: boolean): void => {
    if (ending.signal.aborted) return
    if (framed) frames++
    const now = clock.now()
    // Half a period early rather than a whole one late: ticks and heartbeats never fall together exactly.
    const due = now - reportedAt >= intervalMs - ticker.periodMs / 2
    view = lookAtPage(framed)
    for (const check of view.turned) emit('check', check)
    const urgent = view.turned.some(({ overdue }) => overdue || phase === 'loaded')
    if (phase === 'loading') load(now)
    if (urgent || (due && reportedAt < now)) report('heartbeat', urgent)
    // Behind the report: it is for the looks that have none to make.
    if (due) lookout.watch?.lookCloser()
    tellRecorder(now)
  }

  const ticker = createTicker(clock, LOADING_PERIOD_MS, guard(onTick, tell))
  const ending = new AbortController()
  const listen = listenOn(window, ending.signal, tell)
  const counts = createCounts(listen)
  expect(options)
  let view = lookAtPage(false)

  const end = (as: ProbePhase): void => {
    phase = as
    sending = false
    sender.stop()
    ticker.stop()
    ending.abort()
    lookout.watch?.stop()
  }

  listen('online', sender.wake)
  // The ticker goes on: a page that comes back from the back-forward cache is late, and reports at once.
  listen('pagehide', () => sender.sendLast(draft('bye')))

  report('hello', true)
  ticker.start()

  return {
    expect: (expectation) => expect({ expect: [expectation] }),
    ready() {
      ready = true
    },
    note(data) {
      const text = JSON.stringify(data)
      const size = new TextEncoder().encode(text).length
      if (text === undefined || size > MAX_NOTE_BYTES) {
        throw new Error(`a note must be JSON of at most ${MAX_NOTE_BYTES} bytes`)
      }
      note = JSON.parse(text)
    },
    stop: () => {
      if (phase !== 'superseded') end('stopped')
    },
    get state() {
      const { checks, media, warnings } = view
      return { phase, sid: sender.sid ?? null, sending, notified, checks, media, warnings }
    },
  }
}
