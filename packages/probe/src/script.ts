import { guard } from './guard.ts'
import { createProbe } from './probe.ts'
import type { Probe } from './probeTypes.ts'
import { tagOptions } from './tag.ts'
import type { CreateWatch } from './watchTypes.ts'

declare global {
  interface Window {
    Stillrolling?: Probe
  }
  /** Name of the second file, which lies beside the first: filled in by the build. */
  const WATCH_FILE: string
}

guard(() => {
  // Set while a classic script (also async or deferred) runs for the first time, null in modules.
  const script = document.currentScript as HTMLScriptElement | null
  // A second tag does nothing. Something of the page's own under that name is left alone.
  if (!script || window.Stillrolling?.state) return
  const options = tagOptions(script)
  // Chromium answers the import of an address that has failed once without asking again: each try has its own.
  const loadWatch = (failures: number): Promise<{ createWatch: CreateWatch }> =>
    import(new URL(`${WATCH_FILE}#${failures}`, script.src || options.endpoint).href)
  const probe = createProbe(options, { loadWatch })
  window.Stillrolling ??= probe
})()
