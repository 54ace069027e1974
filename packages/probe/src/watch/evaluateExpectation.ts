import { KINDS } from '../types.ts'
import type { WatchOptions } from '../watchTypes.ts'
import { countFailure, elementFailure } from './elements.ts'
import type { Entry } from './entry.ts'
import { fontFailure } from './font.ts'
import { imageFailure } from './image.ts'
import { array } from './natives.ts'
import { testFailure } from './pageTest.ts'
import { textFailure } from './text.ts'

/** Explains why an expectation of any kind but `media` is not met; undefined if it is. */
export const evaluateExpectation = (
  { expectation, met, cache, testState }: Entry,
  at: number,
  { window, isReady }: Pick<WatchOptions, 'window' | 'isReady'>,
): string | undefined => {
  const { document: root } = window
  const { element, image, text, font, test, ready, count } = expectation
  const failureOf = (one: Element) => elementFailure(one, expectation)
  if (element) return countFailure({ selector: element, root, count: count ?? 1 }, failureOf, cache)
  if (image) {
    const imageFailureOf = (one: Element) => imageFailure(one, at, met) ?? failureOf(one)
    return countFailure({ selector: image, root, count: count ?? 'all' }, imageFailureOf, cache)
  }
  if (text) return textFailure(text, expectation.in ?? 'body', root, cache)
  if (font) return fontFailure(font, root, cache)
  if (test) return testFailure(test, window, testState, at)
  if (ready) return isReady() ? undefined : 'the page has not called ready()'
  return `must have one of: ${array.join(KINDS, ', ')}`
}
