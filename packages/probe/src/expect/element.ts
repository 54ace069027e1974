import type { Check } from '../types.ts'
import { whyNotVisible } from './visible.ts'

/** The elements that a selector matches, or why there are none, in words for a person. */
export const matchesOf = (selector: string, root: ParentNode): Element[] | string => {
  try {
    const found = [...root.querySelectorAll(selector)]
    return found.length ? found : 'no element matches'
  } catch {
    return 'is not a valid selector'
  }
}

/** Expects that at least one element matches the selector and can be seen. The first one's fault is told. */
export const checkElement = (name: string, root: ParentNode): Check => {
  const found = matchesOf(name, root)
  if (typeof found === 'string') return { name, ok: false, detail: found }
  let detail: string | undefined
  for (const element of found) {
    const fault = whyNotVisible(element)
    if (!fault) return { name, ok: true }
    detail ??= fault
  }
  return { name, ok: false, detail }
}
