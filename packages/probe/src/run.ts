import { byteLength } from './byteLength.ts'
import { createCounts } from './counts.ts'
import type { ProbeEnvironment } from './environment.ts'
import { guard } from './guard.ts'
import { hasJustLoaded, isNotifyDue, startLifecycle } from './lifecycle.ts'
import { createListeners } from './listeners.ts'
import { natives } from './natives.ts'
import { notifyReady } from './notifyReady.ts'
import type { PageExpectation, ProbeEvents, ProbePhase, ProbeState, StartOptions } from './probeTypes.ts'
import { createReportBuilder } from './reportBuilder.ts'
import { createSender, type Delivery } from './sender/sender.ts'
import { textOf } from './textOf.ts'
import { startTicker } from './ticker.ts'
import { toJson } from './toJson.ts'
import type { Report, ReportAnswer, ReportType } from './types.ts'
import { createWatchLoader } from './watchLoader.ts'
import type { Expected } from './watchTypes.ts'

/** Between polls until the page has loaded. Short, because the recording waits for `notifyReady()`. */
const LOADING_PERIOD_MS = 250
/** Between polls of a loaded page. */
const LOADED_PERIOD_MS = 1000
/** Between heartbeats, until the reporter has sent its interval. */
const DEFAULT_INTERVAL_S = 10
/** Largest note of the page, as JSON in UTF-8. */
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

const reportsUrl = (endpoint: string, base: string): string =>
  new URL(`${endpoint.replace(/\/+$/, '')}/v1/reports`, base).href

/** Bytes of a report as it is sent. */
const sizeOf = (report: Report): number => byteLength(`${toJson(report)}`)

/** A copy of the page's data. @throws if it cannot be JSON or is too large */
const parseNote = (data: unknown): unknown => {
  const text = textOf(() => toJson(data) ?? '')
  if (!text || byteLength(text) > MAX_NOTE_BYTES) {
    throw new natives.Error.type('a note must be JSON of at most 1 KiB')
  }
  return natives.JSON.parse(text)
}

/** @param onInternalError receives exceptions of the probe itself; they never reach the page */
export const startRun = (
  options: StartOptions,
  token: string,
  environment: ProbeEnvironment,
  emit: Emit,
  onInternalError: (fault: unknown) => void,
): Run => {
  const { window, clock, afterFrame } = environment
  const lifecycle = startLifecycle(token)
  const { listen, renew, remove } = createListeners(window, onInternalError)
  const { since, build } = createReportBuilder(token, environment, createCounts(listen))
  let sending = true
  let intervalMs = DEFAULT_INTERVAL_S * 1000
  /** Between polls. */
  let periodMs = LOADING_PERIOD_MS
  let reportedAt = 0
  /** The recording's expectations in the reporter's last answer, as JSON; empty until it has answered. */
  let lastExpectationsJson = ''
  let ended = false
  /** The page has called `ready()`. */
  let ready = false

  const loader = createWatchLoader(
    environment,
    { stall: options.stall, isReady: () => ready },
    onInternalError,
  )
  const isLoaded = () => lifecycle.phase === 'loaded'
  const pollPage = (painted: boolean) =>
    loader.poll({ at: clock.now(), periodMs, loaded: isLoaded(), painted })
  const expect = (expected: Expected): void => {
    if (loader.expect(expected, isLoaded())) lifecycle.metPolls = 0
  }

  const report = (type: ReportType, keep: boolean): void => {
    reportedAt = clock.now()
    sender.send({ draft: build(type, result), keep })
  }

  const handleAnswer = (answer: ReportAnswer): void => {
    intervalMs = answer.interval * 1000
    // Every answer repeats the expectations.
    const before = lastExpectationsJson
    lastExpectationsJson = `${toJson([answer.expect, answer.media])}`
    if (lastExpectationsJson !== before) expect(answer)
    if (!before) emit('hello', answer)
  }

  const handleDelivery = ({ outcome, detail, report, answer }: Delivery): void => {
    lifecycle.responded = true
    if (answer) {
      handleAnswer(answer)
      if (report.type === 'loaded') lifecycle.fencedUntil = 0
      if (report.type === 'heartbeat') emit('heartbeat', report)
    }
    if (outcome === 'superseded') {
      end(outcome)
      emit(outcome)
    }
    if (outcome === 'refused') {
      sending = false
      onInternalError(`the reporter refuses this page: ${detail}`)
    }
  }
  const sender = createSender(
    reportsUrl(options.endpoint, window.location.href),
    environment,
    (report) => toJson(loader.watch?.fit(report, sizeOf) ?? report) as string,
    guard(handleDelivery, onInternalError),
  )

  const onTick = (lateMs: number): void => {
    renew()
    if (lateMs > since.late) since.late = lateMs
    if (window.document.hidden && lateMs > periodMs / 2) loader.watch?.startWorkerTicks(ticker.catchUp)
    afterFrame(guard(poll, onInternalError))
  }

  const poll = (painted: boolean): void => {
    if (ended) return
    if (painted) since.frames++
    const now = clock.now()
    // Ticks and heartbeats never coincide exactly: a heartbeat half a period early is better than one a whole period late.
    const due = now - reportedAt >= intervalMs - periodMs / 2
    result = pollPage(painted)
    let urgent = false
    for (const check of result.changed) {
      emit('check', check)
      urgent ||= check.overdue || isLoaded()
    }
    if (hasJustLoaded(lifecycle, result.ok, now)) {
      periodMs = LOADED_PERIOD_MS
      report('loaded', true)
      emit('loaded')
    }
    if (urgent || (due && reportedAt < now)) report('heartbeat', urgent)
    // After the report, so that the sampling happens in the polls until the next heartbeat, which send nothing.
    if (due) loader.watch?.samplePixels()
    if (isNotifyDue(lifecycle, now)) {
      // If notifyReady throws, it counts as called; the guard around `poll` passes the exception on.
      lifecycle.notified = true
      lifecycle.notified = notifyReady(window.navigator)
    }
  }

  expect(options)
  let result = pollPage(false)

  const end = (phase: ProbePhase): void => {
    ended = true
    lifecycle.phase = phase
    sending = false
    sender.stop()
    ticker.stop()
    remove()
    loader.watch?.stop()
  }

  listen('online', sender.retryNow)
  // The ticker continues: a page that returns from the back-forward cache has a late tick, and reports immediately.
  listen('pagehide', () => sender.sendLast(build('bye', result)))

  report('hello', true)
  const ticker = startTicker(clock, () => periodMs, guard(onTick, onInternalError))

  return {
    expect: (expectation) => expect({ expect: [expectation] }),
    ready() {
      ready = true
    },
    note: (data) => sender.note(parseNote(data)),
    stop: () => {
      if (lifecycle.phase !== 'superseded') end('stopped')
    },
    get state() {
      const { phase, notified } = lifecycle
      const { ok, changed, ...lists } = result
      return { phase, sid: sender.sid ?? null, sending, notified, ...lists }
    },
  }
}
