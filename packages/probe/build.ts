/**
 * Builds the files of the probe into `dist`:
 * - `probe.iife.js`, the script tag, and `probe-watch.<hash>.js`, the second file, which it loads when something is expected
 * - `probe.js` and `watch.js`, the same two for bundlers
 * - `types.js`, the report format alone, for servers
 *
 * All but `types.js` are minified, with external source maps. Prints their sizes and integrity, and the script tag.
 * The reporter serves the first two, so `demo`, `start` and `test` at the root run this first.
 */
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'rolldown'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * The oldest browser whose syntax the output may use, and on which the tests run the probe's tables. Agora does not say
 * which Chromium its recorder is.
 */
const TARGET = 'chrome92'

/**
 * Properties of objects that stay inside the first file: the minifier shortens their names, so that they can be as long
 * as they need to be. A property that the page, a report or the second file sees must not be in this list.
 */
const INTERNAL_PROPERTIES = [
  ...['fencedUntil', 'metPolls', 'responded'], // Lifecycle
  ...['build', 'since'], // ReportBuilder
  ...['draft', 'keep'], // QueuedReport
  ...['answer', 'outcome', 'report'], // Delivery
  ...['retryNow', 'send', 'sendLast'], // Sender
  'emit', // Events
  'catchUp', // Ticker
  'watch', // WatchLoader
  ...['listen', 'remove', 'renew'], // Listeners
]

/** Those of the environment, which stay inside the script tag's file only: `createProbe` of the bundle accepts another one. */
const ENVIRONMENT_PROPERTIES = ['beacon', 'loadWatch']

/** The same for the second file; the page, the browser and the first file must not see any of them. */
const INTERNAL_PROPERTIES_OF_WATCH = [
  ...[
    'cache',
    'check',
    'doubted',
    'expectation',
    'judgements',
    'met',
    'since',
    'testState',
    'unvisitedSince',
  ], // Entry
  ...['calls', 'face', 'passing'], // TestState, MatchCache
  ...['loading', 'pendingSince', 'seen'], // Picture
  ...['bad', 'framesAt', 'good', 'paintedFrames', 'sample', 'timeAt', 'unpainted'], // Judgement
  ...['fileStallMs', 'freezeMs', 'liveStallMs', 'still'], // MediaLimits
  ...['dropped', 'invisible', 'live', 'painting', 'soundOnly', 'source', 'tracks', 'visible'], // MediaSample
  ...['limits', 'takeSample', 'wasOk'], // MediaPoll
  ...['analyser', 'bytes', 'polledAt', 'soundAt', 'sounds', 'track'], // SoundState, Evaluation
  ...['black', 'unreadable'], // PixelState
  ...['begin', 'failure', 'step'], // SoundMonitor, PixelSampler, SecondLooks
  ...['end', 'pieces', 'slackMs', 'unchanged'], // Words, standstill, Place
]

const mangling = (...properties: string[]) => ({
  mangleProps: { include: new RegExp(`^(${properties.join('|')})$`) },
})

const MINIFY = { compress: true, mangle: true, codegen: true } as const
const MINIFY_BUNDLED = { ...MINIFY, ...mangling(...INTERNAL_PROPERTIES) }
const MINIFY_SCRIPT = { ...MINIFY, ...mangling(...INTERNAL_PROPERTIES, ...ENVIRONMENT_PROPERTIES) }
const MINIFY_SECOND_FILE = { ...MINIFY, ...mangling(...INTERNAL_PROPERTIES_OF_WATCH) }

const bundle = (source: string, file: string, options: BuildOptions = {}): Promise<unknown> =>
  build({
    input: here(source),
    ...options,
    transform: { target: TARGET, ...options.transform },
    output: {
      file: here(file),
      format: 'es',
      minify: MINIFY,
      comments: false,
      sourcemap: true,
      ...options.output,
    },
  })

const digest = (algorithm: string, file: string): Buffer =>
  createHash(algorithm)
    .update(readFileSync(here(file)))
    .digest()

/** Eight hex digits in the name of a file whose content never changes; the reporter names the script tag by the same rule. */
const contentHash = (file: string): string => digest('sha256', file).toString('hex').slice(0, 8)

const integrity = (file: string): string => `sha384-${digest('sha384', file).toString('base64')}`

rmSync(here('dist'), { recursive: true, force: true })
await bundle('src/watch/index.ts', 'dist/watch.js', { output: { minify: MINIFY_SECOND_FILE } })
const watchFile = `probe-watch.${contentHash('dist/watch.js')}.js`
writeFileSync(
  here(`dist/${watchFile}`),
  readFileSync(here('dist/watch.js'), 'utf8').replace('watch.js.map', `${watchFile}.map`),
)
writeFileSync(here(`dist/${watchFile}.map`), readFileSync(here('dist/watch.js.map')))

const second = { id: './watch.js', external: 'relative' } as const

await Promise.all([
  bundle('src/script.ts', 'dist/probe.iife.js', {
    transform: { define: { WATCH_FILE: JSON.stringify(watchFile) } },
    output: { format: 'iife', minify: MINIFY_SCRIPT },
  }),
  // The second file stays an import: the page's bundler splits it.
  bundle('src/index.ts', 'dist/probe.js', {
    plugins: [{ name: 'second-file', resolveId: (id) => (/\/watch\/index\.ts$/.test(id) ? second : null) }],
    output: { minify: MINIFY_BUNDLED },
  }),
  bundle('src/types.ts', 'dist/types.js', { output: { minify: false } }),
])

for (const file of ['dist/probe.iife.js', `dist/${watchFile}`, 'dist/probe.js']) {
  const code = readFileSync(here(file))
  const gzip = gzipSync(code, { level: 9 }).length
  console.log(`${file}  ${code.length} B, gzip ${gzip} B, integrity ${integrity(file)}`)
}
const script = 'dist/probe.iife.js'
console.log(`
<script
  src="https://reporter.example.com/probe.${contentHash(script)}.js"
  integrity="${integrity(script)}"
  crossorigin="anonymous"
></script>`)
