import type { StartOptions, TagAttributes } from './probeTypes.ts'

/**
 * Reads the options from the script tag: `data-endpoint` (default: the folder of the script), `data-token`, `data-stall`
 * (seconds), and whether it has expectations, which the second file parses (`watch/expectationsOf.ts`).
 */
export const tagOptions = (script: Pick<HTMLScriptElement, 'src' | 'dataset'>): StartOptions => {
  const tag: TagAttributes = { ...script.dataset }
  const { endpoint, token, stall, expect, media, image, font, test, text, ready } = tag
  const expectsAny = expect || media || image || font || test || text || ready !== undefined
  return {
    endpoint: endpoint ?? folderOf(script.src),
    token,
    stall: stall === undefined ? undefined : +stall,
    tag: expectsAny ? tag : undefined,
  }
}

/** The address of the folder that a file is in, with a slash at the end; empty for an inline script. */
export const folderOf = (address: string): string => address.replace(/[^/]*([?#].*)?$/, '')
