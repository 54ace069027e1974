/** What the page is made of that the probe's cost is measured in. */
export const NODES = 10_000
export const VIDEOS = 4

/** 50 expectations of all kinds, four of them media. */
export const EXPECTATIONS: object[] = [
  ...Array.from({ length: 20 }, (_, i) => ({ element: `#row-${i * 20}` })),
  ...Array.from({ length: 10 }, (_, i) => ({ element: `.group-${i} .cell-${i}` })),
  ...Array.from({ length: 3 }, (_, i) => ({ element: `.group-${i} > li`, count: 5 })),
  { element: '#row-0', inView: 0.5 },
  { element: '#row-40', uncovered: true },
  { element: '#row-0', name: 'first row, still', stable: true },
  { element: '#host >>> .inside' },
  ...Array.from({ length: 3 }, (_, i) => ({ image: `#image-${i}` })),
  { font: 'Bench' },
  { text: 'Row 7 of the table' },
  { text: 'the last words', in: 'footer' },
  { test: 'bench.isReady' },
  { test: 'bench.isReadySoon' },
  { ready: true },
  ...Array.from({ length: VIDEOS }, (_, i) => ({ media: `#video-${i}` })),
]

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const row = (i: number): string =>
  `<li id="row-${i}"><b class="cell-${i % 10}">${i}</b> <span>Row ${i} of <i>the table</i></span></li>`

const list = (group: number): string =>
  `<ol class="group-${group}">${Array.from({ length: 250 }, (_, i) => row(group * 250 + i)).join('')}</ol>`

/** Times the callbacks of all timers and animation frames that are asked for from now on, in milliseconds. */
const TIMING = `
  const spent = (window.spent = [])
  const time = (callback) => (...args) => {
    const from = performance.now()
    callback(...args)
    spent.push(performance.now() - from)
  }
  const { setTimeout, requestAnimationFrame } = window
  window.setTimeout = (callback, delay) => setTimeout(time(callback), delay)
  window.requestAnimationFrame = (callback) => requestAnimationFrame(time(callback))
`

/**
 * A page with its own life: some of its text changes ten times a second, so that a look always meets a layout that is
 * out of date.
 *
 * @param probe the script tag, or nothing
 */
export const page = (probe: string): string => `<!doctype html>
<title>Cost of the probe</title>
<style>
  @font-face { font-family: Bench; src: local('Arial'), local('Open Sans'), local('DejaVu Sans') }
  body { margin: 0; display: grid; grid-template-columns: repeat(10, 1fr); font-size: 4px }
  ol { margin: 0; padding: 0; columns: 3; list-style: none; line-height: 5px; height: 440px }
  footer { position: fixed; bottom: 0 }
  video { width: 160px; height: 90px }
</style>
<header>
  ${Array.from({ length: VIDEOS }, (_, i) => `<video id="video-${i}" src="/assets/teacher.webm" autoplay muted loop playsinline></video>`).join('')}
  ${Array.from({ length: 3 }, (_, i) => `<img id="image-${i}" src="${PIXEL}" width="20" height="20">`).join('')}
  <div id="host"></div>
</header>
${Array.from({ length: 10 }, (_, group) => list(group)).join('')}
<footer>These are the last words.</footer>
<script>
  window.bench = { isReady: () => true, isReadySoon: async () => true }
  document.fonts.add(new FontFace('Bench', 'local("Open Sans"), local("DejaVu Sans"), local("Arial")'))
  document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<p class="inside">inside</p>'
  let beat = 0
  setInterval(() => {
    beat++
    for (let i = 0; i < 20; i++) document.querySelector('#row-' + (i * 11 + 5)).firstChild.textContent = beat
  }, 100)
  ${TIMING}
</script>
${probe}
<script>window.Stillrolling?.ready()</script>
`
