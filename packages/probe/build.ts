/**
 * Builds `dist/probe.iife.js` (the script tag, minified, with an external source map) and `dist/probe.js` (ESM).
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
const module: BuildOptions = {
  input: here('src/index.ts'),
  external: ['nanoevents'],
  transform: { target: TARGET },
  output: { file: here('dist/probe.js'), format: 'es', sourcemap: true },
}

await build([scriptTag, module])
