import { KINDS } from '../types.ts'
import { whyNotCounted, whyNotShown } from './elements.ts'
import type { Entry } from './entry.ts'
import { whyNoFont } from './font.ts'
import { whyNoPicture } from './image.ts'
import { whyTestFails } from './test.ts'
import { whyNoText } from './text.ts'

/** Why an expectation other than of media is not met; undefined when it is. */
export const whyNotMet = (
  { expectation, seen, tested }: Entry,
  at: number,
  window: Window,
  isReady: () => boolean,
): string | undefined => {
  const { document } = window
  const { element, image, text, font, test, ready, count } = expectation
  const isShown = (one: Element) => whyNotShown(one, expectation)
  if (element) return whyNotCounted(element, document, count ?? 1, isShown, seen)
  if (image) {
    const judge = (one: Element) => whyNoPicture(one, at) ?? isShown(one)
    return whyNotCounted(image, document, count ?? 'all', judge, seen)
  }
  if (text) return whyNoText(text, expectation.in ?? 'body', document, seen)
  if (font) return whyNoFont(font, document, seen)
  if (test) return whyTestFails(test, window, tested, at)
  if (ready) return isReady() ? undefined : 'the page has not called ready()'
  return `says nothing to look at: ${KINDS.join(', ')}`
}
