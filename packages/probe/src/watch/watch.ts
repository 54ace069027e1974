import type { PageExpectation } from '../probeTypes.ts'
import type { Check, MediaCheck, Warning } from '../types.ts'
import type { Moment, PollResult, Watch, WatchOptions } from '../watchTypes.ts'
import { type Entry, entryOf, isSame, keyOf, truncate } from './entry.ts'
import { evaluateExpectation } from './evaluateExpectation.ts'
import { expectationsOf } from './expectationsOf.ts'
import { fitReport } from './fitReport.ts'
import { applyGracePeriod } from './gracePeriod.ts'
import { evaluateMedia } from './media/evaluateMedia.ts'
import { mediaLimits } from './media/judge.ts'
import { sample } from './media/sample.ts'
import { array, natives, useNatives } from './natives.ts'
import { createPixelSampler } from './pixelSampler.ts'
import { isOnRoute } from './route.ts'
import { createSecondLooks, tolerateOnce } from './secondLooks.ts'
import { createSoundMonitor, type SoundMonitor } from './soundMonitor.ts'
import { textOf } from './textOf.ts'
import { createWorkerTicks } from './workerTicks.ts'

/** What is needed to evaluate an entry, apart from the entry and the moment. */
interface Evaluation extends WatchOptions {
  sounds: SoundMonitor
  takeSample: typeof sample
}

const checkMedia = (
  entry: Entry,
  { at, periodMs, painted }: Moment,
  { window, stall, sounds, takeSample }: Evaluation,
): MediaCheck => {
  const { expectation, name, judgements: before, met, check } = entry
  const { judgements, time, frames, ...result } = evaluateMedia(expectation.media ?? '', {
    root: window.document,
    before,
    wasOk: met && check.ok,
    takeSample: (element) => takeSample(element, at, painted),
    limits: mediaLimits(expectation.stall ?? stall, expectation),
    periodMs,
  })
  entry.judgements = judgements
  let { detail } = result
  if (expectation.sound) {
    for (const element of natives.Map.keys(judgements)) detail ??= sounds.failure(element, at)
  }
  return { name, ok: !detail, time, frames, detail }
}

const checkOf = (entry: Entry, moment: Moment, evaluation: Evaluation): Check => {
  const { name } = entry
  try {
    if (entry.expectation.media) return checkMedia(entry, moment, evaluation)
    const detail = evaluateExpectation(entry, moment.at, evaluation)
    return { name, ok: !detail, detail }
  } catch (fault) {
    // The page may have patched the browser functions that were called.
    return { ...entry.check, ok: false, detail: `cannot be checked: ${textOf(() => fault)}` }
  }
}

const WITHOUT_PICTURE = 'has sound but no picture, so only its time is checked'

const isWithoutPicture = ({ judgements }: Entry): boolean =>
  array.some([...natives.Map.values(judgements)], ({ sample }) => sample.soundOnly)

/** An expectation whose route has not matched for this long is probably misspelt, and checks nothing. */
const UNVISITED_MS = 60_000

/**
 * A new entry for an expectation of another route, which starts over when the page returns to it. Warns if the page has
 * never been there.
 */
const offRoute = (
  { expectation, name, unvisitedSince }: Entry,
  { at, loaded }: Moment,
  warnings: Warning[],
) => {
  if (unvisitedSince !== undefined && at - unvisitedSince >= UNVISITED_MS) {
    array.push(warnings, {
      name,
      detail: truncate(`is not checked: its route ${expectation.route} has not matched yet`),
    })
  }
  return { ...entryOf(expectation, at, loaded), unvisitedSince }
}

/** Adds a new check of an entry to the result of the poll. */
const addCheck = (result: PollResult, entry: Entry, check: Check, moment: Moment): void => {
  const { expectation, check: before, name } = entry
  const isWaitedFor = applyGracePeriod(entry, check, moment)
  tolerateOnce(entry, check, moment)
  if (check.detail) check.detail = truncate(check.detail)
  entry.check = check
  if (expectation.optional) {
    result.ok &&= check.ok || !isWaitedFor
    if (!check.ok) array.push(result.warnings, { name, detail: check.detail ?? '' })
    return
  }
  result.ok &&= check.ok
  if (check.ok && isWithoutPicture(entry)) array.push(result.warnings, { name, detail: WITHOUT_PICTURE })
  if (expectation.media) array.push(result.media, check as MediaCheck)
  else array.push(result.checks, check)
  if (before.ok !== check.ok || before.overdue !== check.overdue) array.push(result.changed, check)
}

/**
 * The second file of the probe.
 *
 * @param takeSample samples a media element; replaced in tests
 */
export const createWatch = (options: WatchOptions, takeSample: typeof sample = sample): Watch => {
  const { window, stall } = options
  useNatives(options.natives)
  const entries = new natives.Map.type<string, Entry>()
  /** What the page itself expects, by the keys of the entries. */
  const own = new natives.Map.type<string, PageExpectation>()
  /** What the recording expects, as the last answer had it. */
  let recorded = new natives.Map.type<string, PageExpectation>()
  const sounds = createSoundMonitor()
  const pixels = createPixelSampler()
  const workerTicks = createWorkerTicks()
  const evaluation = { ...options, sounds, takeSample }
  const unusable: Warning[] =
    stall === undefined || stall > 0
      ? []
      : [{ name: 'stall', detail: `must be a positive number of seconds, got ${stall}` }]

  const secondLooks = createSecondLooks((entry, at) => evaluateExpectation(entry, at, evaluation))

  const watchedMedia = () =>
    array.map([...natives.Map.values(entries)], ({ name, judgements }) => ({
      name,
      elements: natives.Map.keys(judgements),
    }))

  return {
    add(expectations, at, loaded) {
      let added = false
      /** @returns its key */
      const put = (expectation: PageExpectation): string => {
        const entry = entryOf(expectation, at, loaded)
        const key = keyOf(entry)
        const before = natives.Map.get(entries, key)
        if (!before || !isSame(before.expectation, expectation)) {
          natives.Map.set(entries, key, entry)
          added = true
        }
        return key
      }
      const given = new natives.Map.type<string, PageExpectation>()
      for (const expectation of expectationsOf(expectations)) {
        natives.Map.set(given, put(expectation), expectation)
      }
      if (!('attempt' in expectations)) {
        for (const [key, expectation] of given) natives.Map.set(own, key, expectation)
        return added
      }
      for (const [key] of recorded) {
        if (natives.Map.has(given, key)) continue
        const expectation = natives.Map.get(own, key)
        if (expectation) put(expectation)
        else natives.Map.delete(entries, key)
      }
      recorded = given
      return added
    },

    poll(moment) {
      const warnings = [...unusable]
      pixels.step(watchedMedia, warnings)
      const result: PollResult = { ok: true, checks: [], media: [], warnings, changed: [] }
      for (const [key, entry] of entries) {
        const { route } = entry.expectation
        if (!route || isOnRoute(route, window.location)) {
          entry.unvisitedSince = undefined
          addCheck(result, entry, checkOf(entry, moment, evaluation), moment)
        } else natives.Map.set(entries, key, offRoute(entry, moment, warnings))
      }
      secondLooks.begin(natives.Map.values(entries), moment.at)
      // Without expectations the page is loaded when the browser says so.
      if (!entries.size) result.ok = window.document.readyState === 'complete'
      return result
    },

    fit: fitReport,

    samplePixels: pixels.begin,

    startWorkerTicks: workerTicks.start,

    stop() {
      workerTicks.stop()
      secondLooks.stop()
      sounds.stop()
    },
  }
}
