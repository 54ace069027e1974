import type { ProbeOptions } from './probeTypes.ts'
import { splitSelectors } from './splitSelectors.ts'
import type { Expectation } from './types.ts'

/** The list attributes, and the kind of expectation that each of them lists. */
const KIND_OF = { expect: 'element', media: 'media', image: 'image', font: 'font', test: 'test' } as const

/** Parses a comma-separated list of one kind, or JSON if the list begins with `[{`. */
const parseList = (text: string, kind: keyof Expectation): Expectation[] => {
  if (text.startsWith('[{')) {
    try {
      return JSON.parse(text)
    } catch {
      // It is reported as an invalid selector.
    }
  }
  return splitSelectors(text).map((value) => ({ [kind]: value }))
}

/**
 * Reads the options from the script tag: `data-endpoint` (default: the script's origin), `data-token`, `data-stall`
 * (seconds), and the expectations: `data-expect`, `data-media`, `data-image`, `data-font`, `data-test` (comma-separated
 * lists, or a JSON array of expectations), `data-text` and `data-ready`.
 */
export const tagOptions = (script: Pick<HTMLScriptElement, 'src' | 'dataset'>): ProbeOptions => {
  const { dataset } = script
  const { endpoint, token, stall, text, ready } = dataset
  const expect = Object.entries(KIND_OF).flatMap(([attribute, kind]) =>
    parseList(dataset[attribute] ?? '', kind),
  )
  if (text) expect.push({ text })
  if (ready !== undefined) expect.push({ ready: true })
  return {
    endpoint: endpoint ?? new URL(script.src).origin,
    token,
    expect,
    stall: stall === undefined ? undefined : Number(stall),
  }
}
