import { guard } from './guard.ts'
import { createProbe } from './probe.ts'
import type { Probe } from './probe-types.ts'
import { tagOptions } from './tag.ts'

/** On the window of a document whose tag has run: a second tag does nothing. */
const RAN: unique symbol = Symbol.for('stillrolling')

declare global {
  interface Window {
    stillrolling?: Probe
    [RAN]?: true
  }
}

guard(() => {
  // Set while a classic script (also async or deferred) runs for the first time, null in modules.
  const script = document.currentScript as HTMLScriptElement | null
  if (!script || window[RAN]) return
  window[RAN] = true
  const probe = createProbe(tagOptions(script))
  window.stillrolling ??= probe
})()
