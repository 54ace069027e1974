import { splitSelectors } from './expect/split-selectors.ts'
import type { ProbeOptions } from './probe-types.ts'

/**
 * Reads the options from the script tag: `data-endpoint` (default: the script's origin), `data-expect` and
 * `data-media` (comma-separated selectors), `data-stall` (seconds), `data-token`.
 */
export const tagOptions = (script: Pick<HTMLScriptElement, 'src' | 'dataset'>): ProbeOptions => {
  const { endpoint, token, expect, media, stall } = script.dataset
  return {
    endpoint: endpoint ?? new URL(script.src).origin,
    token,
    expect: splitSelectors(expect ?? ''),
    media: splitSelectors(media ?? ''),
    stall: stall === undefined ? undefined : Number(stall),
  }
}
