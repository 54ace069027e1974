import { checkElement } from './expect/element.ts'
import { lookAtMedia, type WatchedMedia, watchMedia } from './media/element.ts'
import type { MediaLimits } from './media/judge.ts'
import type { MediaSample } from './media/sample.ts'
import type { Check, MediaCheck } from './types.ts'

/** What one look at the page has shown. */
export interface View {
  /** Every expectation is met now. */
  ok: boolean
  checks: Check[]
  media: MediaCheck[]
  /** Those whose verdict differs from the look before. */
  turned: (Check | MediaCheck)[]
}

export interface Watch {
  /**
   * Adds expectations beside those that are there; the same selector counts once.
   * @param trusted taken to be met until a look shows otherwise
   * @returns whether anything was new
   */
  add(expect: readonly string[], media: readonly string[], trusted?: boolean): boolean
  /** @param periodMs time that was planned since the look before */
  look(at: number, periodMs: number): View
}

/** A page may have patched what is asked here; that it throws is a fault like any other. */
const orBroken = <T>(look: () => T, broken: (detail: string) => T): T => {
  try {
    return look()
  } catch (fault) {
    return broken(`cannot be looked at: ${fault}`)
  }
}

/** Keeps the expectations of a document and looks at the page when told to. */
export const createWatch = (
  document: Document,
  sample: (element: Element, at: number) => MediaSample | undefined,
  limits: MediaLimits,
): Watch => {
  const checks = new Map<string, Check>()
  const media = new Map<string, WatchedMedia>()
  return {
    add(expectNames, mediaNames, trusted = false) {
      const before = checks.size + media.size
      for (const name of expectNames) if (!checks.has(name)) checks.set(name, { name, ok: trusted })
      for (const name of mediaNames) if (!media.has(name)) media.set(name, watchMedia(name, trusted))
      return checks.size + media.size > before
    },
    look(at, periodMs) {
      const turned: View['turned'] = []
      for (const [name, before] of checks) {
        const check = orBroken(
          () => checkElement(name, document),
          (detail): Check => ({ name, ok: false, detail }),
        )
        checks.set(name, check)
        if (before.ok !== check.ok) turned.push(check)
      }
      for (const [name, before] of media) {
        const watched = orBroken(
          () => lookAtMedia(before, document, (element) => sample(element, at), limits, periodMs),
          (detail) => watchMedia(name, false, detail),
        )
        media.set(name, watched)
        if (before.check.ok !== watched.check.ok) turned.push(watched.check)
      }
      const view = {
        checks: [...checks.values()],
        media: [...media.values()].map((watched) => watched.check),
        turned,
      }
      const all = [...view.checks, ...view.media]
      // A page that names nothing is loaded when the browser says so.
      const ok = all.length ? all.every((check) => check.ok) : document.readyState === 'complete'
      return { ...view, ok }
    },
  }
}
