/** Size of the page in which the probe's cost is measured. */
export const NODES = 10_000
export const VIDEOS = 4

/** 50 expectations of all kinds, four of them of media. */
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

/** Maximum number of timed ticks: more than an hour of them. */
const MAX_TIMED = 5000
/** Ticks are a second apart; the callbacks of one tick are a few frames apart. */
const BETWEEN_TICKS_MS = 400

/**
 * Times the callbacks of all timers and animation frames requested from now on, which are only those of the script under
 * test, and adds up those of one tick. `timed()` returns the milliseconds of the ticks, negative for those that sent a
 * report, and starts over. The array is allocated in advance, because the heap is measured too.
 */
const TIMING = `
  const spent = new Float64Array(${MAX_TIMED})
  let count = 0
  let last = 0
  let reports = false
  window.timed = () => {
    const all = [...spent.subarray(0, count)]
    count = 0
    return all
  }
  const time = (callback) => (...args) => {
    const from = performance.now()
    if (count === 0 || from - last > ${BETWEEN_TICKS_MS}) {
      spent[count++] = 0
      reports = false
    }
    callback(...args)
    last = performance.now()
    spent[count - 1] = (Math.abs(spent[count - 1]) + last - from) * (reports ? -1 : 1)
  }
  const { setTimeout, requestAnimationFrame, fetch } = window
  window.setTimeout = (callback, delay) => setTimeout(time(callback), delay)
  window.requestAnimationFrame = (callback) => requestAnimationFrame(time(callback))
  window.fetch = (...args) => {
    reports = true
    return fetch(...args)
  }
`

/**
 * The simplest script that makes the same checks, each once a second after a frame, without an explanation of failures;
 * it reports every ten seconds.
 */
export const baselineScript = (expectations: object[]): string => `<script>
  const expectations = ${JSON.stringify(expectations)}
  const isVisible = (selector) => {
    const element = document.querySelector(selector)
    const { width, height } = element.getBoundingClientRect()
    return element.checkVisibility() && width > 0 && height > 0
  }
  const evaluate = {
    element: ({ element }) => isVisible(element.replace(/ >>>.*/, '')),
    image: ({ image }) => isVisible(image) && document.querySelector(image).naturalWidth > 0,
    media: ({ media }) => {
      const element = document.querySelector(media)
      const { totalVideoFrames } = element.getVideoPlaybackQuality()
      return totalVideoFrames > 0 && element.currentTime > 0 && !element.paused
    },
    text: ({ text, in: place = 'body' }) => document.querySelector(place).textContent.includes(text),
    font: ({ font }) => [...document.fonts].some(({ family, status }) => family === font && status === 'loaded'),
    test: ({ test }) => test.split('.').reduce((from, step) => from[step], window)(),
    ready: () => true,
  }
  for (const { font } of expectations) if (font) document.fonts.load('12px ' + font)
  let ticks = 0
  const poll = () => {
    const checks = expectations.map((one) => {
      const kind = Object.keys(one).find((key) => key in evaluate)
      return { name: one[kind], ok: evaluate[kind](one) }
    })
    window.failing = checks.filter(({ ok }) => !ok).map(({ name }) => name)
    if (++ticks % 10) return
    const body = JSON.stringify({ checks })
    window.fetch('/sink', { method: 'POST', body, credentials: 'omit', keepalive: true }).then((answer) => answer.text())
  }
  const tick = () => {
    window.setTimeout(tick, 1000)
    window.requestAnimationFrame(() => window.setTimeout(poll))
  }
  tick()
</script>`

/**
 * A page that changes some of its text ten times a second, so that every poll would find an outdated layout.
 *
 * @param script tags of the script under test, or nothing
 */
export const page = (script: string): string => `<!doctype html>
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
  let changes = 0
  setInterval(() => {
    changes++
    for (let i = 0; i < 20; i++) document.querySelector('#row-' + (i * 11 + 5)).firstChild.textContent = changes
  }, 100)
  ${TIMING}
</script>
${script}
<script>window.Stillrolling?.ready()</script>
`
