/**
 * Builds what pages load: `dist/probe.iife.js` (the script tag) and `dist/probe-watch.<hash>.js` (the second file, which
 * the first loads when something is expected of the page); the same for bundlers, `dist/probe.js` and `dist/watch.js`;
 * and `dist/types.js` (the report format alone, for servers). All but the last minified, with external source maps.
 * Prints sizes, and what Subresource Integrity needs.
 * The reporter serves the first two, so `demo`, `start` and `test` at the root run this before anything else.
 */
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'rolldown'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Oldest browser that the output's syntax asks for. Agora does not say which Chromium its recorder is. */
const TARGET = 'chrome91'

const bundle = (source: string, file: string, options: BuildOptions = {}): Promise<unknown> =>
  build({
    input: here(source),
    ...options,
    transform: { target: TARGET, ...options.transform },
    output: {
      file: here(file),
      format: 'es',
      minify: true,
      comments: false,
      sourcemap: true,
      ...options.output,
    },
  })

const digest = (algorithm: string, file: string): Buffer =>
  createHash(algorithm)
    .update(readFileSync(here(file)))
    .digest()

rmSync(here('dist'), { recursive: true, force: true })
await bundle('src/watch/index.ts', 'dist/watch.js')
// The name holds the content, so that it can be cached for ever.
const watchFile = `probe-watch.${digest('sha256', 'dist/watch.js').toString('hex').slice(0, 8)}.js`
writeFileSync(
  here(`dist/${watchFile}`),
  readFileSync(here('dist/watch.js'), 'utf8').replace('watch.js.map', `${watchFile}.map`),
)
writeFileSync(here(`dist/${watchFile}.map`), readFileSync(here('dist/watch.js.map')))

const second = { id: './watch.js', external: 'relative' } as const

await Promise.all([
  bundle('src/script.ts', 'dist/probe.iife.js', {
    transform: { define: { WATCH_FILE: JSON.stringify(watchFile) } },
    output: { format: 'iife' },
  }),
  // The second file and nanoevents stay imports: the page's bundler splits the one, and may have the other already.
  bundle('src/index.ts', 'dist/probe.js', {
    external: ['nanoevents'],
    plugins: [{ name: 'second-file', resolveId: (id) => (/\/watch\/index\.ts$/.test(id) ? second : null) }],
  }),
  bundle('src/types.ts', 'dist/types.js', { output: { minify: false } }),
])

for (const file of ['dist/probe.iife.js', `dist/${watchFile}`, 'dist/probe.js']) {
  const code = readFileSync(here(file))
  const gzip = gzipSync(code, { level: 9 }).length
  console.log(
    `${file}  ${code.length} B, gzip ${gzip} B, integrity sha384-${digest('sha384', file).toString('base64')}`,
  )
}
