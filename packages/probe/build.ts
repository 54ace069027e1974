/**
 * Builds `dist/probe.iife.js` (the script tag, minified, with an external source map), `dist/probe.js` (ESM), and
 * `dist/types.js` (the report format alone, for servers).
 * The reporter serves the first, so `demo`, `start` and `test` at the root run this before anything else.
 */
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'rolldown'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Oldest browser that the output's syntax asks for. Agora does not say which Chromium its recorder is. */
const TARGET = 'chrome91'

const scriptTag: BuildOptions = {
  input: here('src/script.ts'),
  transform: { target: TARGET },
  output: {
    file: here('dist/probe.iife.js'),
    format: 'iife',
    minify: true,
    comments: false,
    sourcemap: true,
  },
}

/** nanoevents stays an import: the page's bundler may have it already. */
const module = (source: string, file: string): BuildOptions => ({
  input: here(source),
  external: ['nanoevents'],
  transform: { target: TARGET },
  output: { file: here(file), format: 'es', sourcemap: true },
})

await build([scriptTag, module('src/index.ts', 'dist/probe.js'), module('src/types.ts', 'dist/types.js')])
