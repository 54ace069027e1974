import type { ProbeEnvironment } from './environment.ts'
import { guard } from './guard.ts'
import { createListeners } from './listeners.ts'
import { mediaLimits } from './media/judge.ts'
import { notifyReady } from './notify-ready.ts'
import type { ProbeEvents, ProbeOptions, ProbePhase, ProbeState } from './probe-types.ts'
import type { Draft } from './sender/outbox.ts'
import { createSender } from './sender/sender.ts'
import { createTicker } from './ticker.ts'
import type { ReportAnswer, ReportType } from './types.ts'
import { createWatch, type View } from './watch.ts'

/** Between looks at the page until it is loaded: a recording should begin as soon as it can. */
const LOADING_PERIOD_MS = 250
/** Between looks at the page from then on. */
const LOADED_PERIOD_MS = 1000
/** Between heartbeats, until the reporter has said how often it wants them. */
const DEFAULT_INTERVAL_S = 10
/** Looks in a row that must find every expectation met. */
const LOOKS_TO_LOAD = 2
/** Of JSON in UTF-8. */
const MAX_NOTE_BYTES = 1024

export type Emit = <E extends keyof ProbeEvents>(event: E, ...args: Parameters<ProbeEvents[E]>) => void

/** The probe of a document that is being recorded. */
export interface Run {
  note(data: unknown): void
  stop(): void
  readonly state: ProbeState
}

/** Random per document: a reload is another page. `randomUUID` is missing where the page is not secure. */
const pageId = (crypto: Crypto): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('')

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
  const { window, clock } = environment
  const { document, navigator } = window
  const page = pageId(window.crypto)
  let phase: ProbePhase = 'loading'
  let sending = true
  let notified = false
  let greeted = false
  /** Whether the reporter has answered, or could not: until then it may name more expectations. */
  let settled = false
  let looksMet = 0
  let intervalMs = DEFAULT_INTERVAL_S * 1000
  let seq = 0
  let errors = 0
  let late = 0
  let note: unknown
  let reportedAt = 0

  const stall = options.stall === undefined || options.stall > 0 ? options.stall : undefined
  if (stall !== options.stall) tell(new Error(`stall must be a number of seconds above 0: ${options.stall}`))
  const watch = createWatch(document, environment.sample, mediaLimits(stall))
  watch.add(options.expect ?? [], options.media ?? [])
  let view: View = watch.look(clock.now(), LOADING_PERIOD_MS)

  const draft = (type: ReportType): Draft => {
    const { checks, media } = view
    const visible = document.visibilityState === 'visible'
    const said = note
    note = undefined
    return {
      v: 1,
      token,
      type,
      page,
      seq: ++seq,
      at: Math.round(clock.now()),
      checks,
      media,
      visible,
      late: Math.round(late),
      errors,
      ...(said !== undefined && { note: said }),
    }
  }

  const report = (type: ReportType, keep: boolean): void => {
    reportedAt = clock.now()
    sender.send(draft(type), keep)
  }

  const onAnswer = (answer: ReportAnswer): void => {
    settled = true
    intervalMs = answer.interval * 1000
    if (watch.add(answer.expect, answer.media, phase === 'loaded')) looksMet = 0
    if (!greeted) emit('hello', answer)
    greeted = true
  }

  const sender = createSender(reportsUrl(options.endpoint, window.location.href), environment, {
    onKept: guard((kept, answer) => {
      onAnswer(answer)
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
      tell(new Error(`the reporter refuses the reports of this page: HTTP ${status}`))
    },
  })

  /** Independent of the reporter: a recorder that waits for a page must not suffer from our absence. */
  const tellRecorder = (): void => {
    if (phase !== 'loaded' || notified) return
    try {
      notified = notifyReady(navigator)
    } catch (fault) {
      notified = true
      tell(fault)
    }
  }

  const load = (): void => {
    looksMet = view.ok ? looksMet + 1 : 0
    if (looksMet < LOOKS_TO_LOAD || !settled) return
    phase = 'loaded'
    ticker.periodMs = LOADED_PERIOD_MS
    report('loaded', true)
    tellRecorder()
    emit('loaded')
  }

  const look = (now: number, lateMs: number): void => {
    late = lateMs
    view = watch.look(now, ticker.periodMs)
    for (const check of view.turned) emit('check', check)
    if (phase === 'loading') load()
    else if (view.turned.length) report('heartbeat', true)
    tellRecorder()
    // Half a period early rather than a whole one late: ticks and heartbeats never fall together exactly.
    if (now - reportedAt >= intervalMs - ticker.periodMs / 2) report('heartbeat', false)
  }

  const ticker = createTicker(clock, LOADING_PERIOD_MS, guard(look, tell))
  const listeners = createListeners(window, tell)

  const end = (as: ProbePhase): void => {
    phase = as
    sending = false
    sender.stop()
    ticker.stop()
    listeners.end()
  }

  const countError = () => {
    errors++
  }
  // Failed loads of images and media do not bubble, so they are caught on their way down.
  listeners.on('error', countError, true)
  listeners.on('unhandledrejection', countError)
  listeners.on('online', sender.wake)
  listeners.on('pagehide', () => {
    ticker.stop()
    sender.sendLast(draft('bye'))
  })
  listeners.on('pageshow', ({ persisted }) => {
    if (!persisted) return
    // Back from the back-forward cache, where no time passes.
    reportedAt = -intervalMs
    ticker.start(0)
  })

  report('hello', true)
  ticker.start()

  return {
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
      const { checks, media } = view
      return { phase, sid: sender.sid ?? null, sending, notified, checks, media }
    },
  }
}
