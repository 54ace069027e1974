import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The built probe, as pages load it. */
export interface ProbeFiles {
  /** The script tag's file, under a name that stays; its content changes with the reporter's version. */
  script: string
  /** All files by name, with names that hold their content: they never change. */
  named: Map<string, string>
}

const DIST = new URL('.', import.meta.resolve('@stillrolling/probe/probe.iife.js'))

/**
 * Reads `dist` of the probe: the script tag's file, also as `probe.<hash>.js`, and `probe-watch.<hash>.js`, which that
 * one loads.
 * @throws when the probe is not built
 */
export const readProbeFiles = (): ProbeFiles => {
  const read = (name: string): string => readFileSync(fileURLToPath(new URL(name, DIST)), 'utf8')
  try {
    const script = read('probe.iife.js')
    const hash = createHash('sha256').update(script).digest('hex').slice(0, 8)
    const others = readdirSync(fileURLToPath(DIST)).filter((name) => /^probe.*\.(js|map)$/.test(name))
    const named = new Map(others.map((name) => [name, read(name)]))
    return { script, named: named.set(`probe.${hash}.js`, script) }
  } catch (error) {
    throw new Error("The probe's bundle is not built: run `pnpm build` (`pnpm start` does it by itself)", {
      cause: error,
    })
  }
}
