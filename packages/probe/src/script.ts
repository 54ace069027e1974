import { guard } from './guard.ts'
import { createProbe } from './probe.ts'
import type { Probe } from './probeTypes.ts'
import { folderOf, tagOptions } from './tag.ts'
import type { CreateWatch } from './watchTypes.ts'

declare global {
  interface Window {
    Stillrolling?: Probe
  }
  /** Name of the second file, which is served beside the first; the build fills it in. */
  const WATCH_FILE: string
}

guard(() => {
  // Set while a classic script (also async or deferred) runs for the first time; null in modules
  // (https://developer.mozilla.org/en-US/docs/Web/API/Document/currentScript).
  const script = document.currentScript as HTMLScriptElement | null
  // A second tag does nothing. A global of the page's own under that name is not overwritten.
  if (!script || window.Stillrolling?.state) return
  const options = tagOptions(script)
  // A module that could not be fetched is never fetched again under the same URL (https://github.com/whatwg/html/issues/6768),
  // so each try has a URL of its own.
  const folder = folderOf(script.src) || `${options.endpoint}/`
  const loadWatch = (failures: number): Promise<{ createWatch: CreateWatch }> =>
    import(`${folder}${WATCH_FILE}#${failures}`)
  const probe = createProbe(options, { loadWatch })
  window.Stillrolling ??= probe
})()
