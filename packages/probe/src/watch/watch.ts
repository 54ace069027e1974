import type { Check, MediaCheck, Warning } from '../types.ts'
import type { View, Watch, WatchOptions } from '../watchTypes.ts'
import { createAwake } from './awake.ts'
import { cut, type Entry, entryOf, GRACE_MS, isSame, keyOf } from './entry.ts'
import { lookAtMedia } from './media/element.ts'
import { mediaLimits } from './media/judge.ts'
import { sample } from './media/sample.ts'
import { createPictures } from './picture.ts'
import { isOnRoute } from './route.ts'
import { createSounds } from './sound.ts'
import { whyNotMet } from './whyNotMet.ts'

/** When and in what circumstances the page is looked at; see `Watch.look`. */
interface Moment {
  at: number
  periodMs: number
  loaded: boolean
  framed: boolean
}

/**
 * The second file of the probe.
 *
 * @param take what samples media; tests put their own in its place
 */
export const createWatch = (
  { window, stall, isReady }: WatchOptions,
  take: typeof sample = sample,
): Watch => {
  const { document } = window
  const entries = new Map<string, Entry>()
  const sounds = createSounds(window)
  const pictures = createPictures()
  const awake = createAwake(window)
  const unusable: Warning[] =
    stall === undefined || stall > 0
      ? []
      : [{ name: 'stall', detail: `is no number of seconds above 0: ${stall}` }]

  const lookAtMediaOf = (entry: Entry, { at, periodMs, framed }: Moment): MediaCheck => {
    const { expectation, name, known, met, check } = entry
    const limits = mediaLimits(expectation.stall ?? stall, expectation.static, expectation.hidden)
    const look = lookAtMedia(
      expectation.media ?? '',
      document,
      known,
      met && check.ok,
      (element) => take(element, at, framed),
      limits,
      periodMs,
    )
    entry.known = look.known
    let { detail } = look
    if (expectation.sound) {
      for (const element of look.known.keys()) detail ??= sounds.whyNotHeard(element, at)
    }
    return { name, ok: !detail, time: look.time, frames: look.frames, detail }
  }

  const lookAt = (entry: Entry, moment: Moment): Check => {
    const { name } = entry
    try {
      if (entry.expectation.media) return lookAtMediaOf(entry, moment)
      const detail = whyNotMet(entry, moment.at, window, isReady)
      return { name, ok: !detail, detail }
    } catch (fault) {
      // The page may have patched what is asked here.
      return { ...entry.check, ok: false, detail: `cannot be looked at: ${fault}` }
    }
  }

  /** What a look has shown, in view of how long it has been expected; whether it is still waited for. */
  const weigh = (entry: Entry, check: Check, { at, loaded }: Moment): boolean => {
    const { timeout, optional } = entry.expectation
    const waits = at - entry.since < (timeout === undefined ? GRACE_MS : timeout * 1000)
    entry.met ||= check.ok
    if (!entry.met) {
      if (loaded && waits) {
        check.ok = true
        delete check.detail
      }
      if (!loaded && !waits && timeout !== undefined && !optional) check.overdue = true
    }
    return waits
  }

  const lookInto = (view: View, entry: Entry, moment: Moment): void => {
    const { expectation, check: before, name } = entry
    const check = lookAt(entry, moment)
    const waits = weigh(entry, check, moment)
    if (check.detail) check.detail = cut(check.detail)
    entry.check = check
    if (expectation.optional) {
      view.ok &&= check.ok || !waits
      if (!check.ok) view.warnings.push({ name, detail: check.detail ?? '' })
      return
    }
    view.ok &&= check.ok
    if (expectation.media) view.media.push(check as MediaCheck)
    else view.checks.push(check)
    if (before.ok !== check.ok || before.overdue !== check.overdue) view.turned.push(check)
  }

  const watched = () => [...entries.values()].map(({ name, known }) => ({ name, elements: known.keys() }))

  return {
    add(expectations, at, loaded) {
      let added = false
      for (const expectation of expectations) {
        const entry = entryOf(expectation, at, loaded)
        const before = entries.get(keyOf(entry))
        if (before && isSame(before.expectation, expectation)) continue
        entries.set(keyOf(entry), entry)
        added = true
      }
      return added
    },

    look(at, periodMs, loaded, framed) {
      const moment = { at, periodMs, loaded, framed }
      const warnings = [...unusable, ...pictures.step(watched)]
      const view: View = { ok: true, checks: [], media: [], warnings, turned: [] }
      for (const [key, entry] of entries) {
        const { route } = entry.expectation
        if (!route || isOnRoute(route, window.location)) lookInto(view, entry, moment)
        // Begins anew when the page comes back to it.
        else entries.set(key, entryOf(entry.expectation, at, loaded))
      }
      // A page that expects nothing is loaded when the browser says so.
      if (!entries.size) view.ok = document.readyState === 'complete'
      return view
    },

    lookCloser: pictures.begin,

    keepAwake: awake.start,

    stop() {
      awake.stop()
      sounds.stop()
    },
  }
}
