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

/** Ticks that can be timed: of more than an hour. */
const MOST_TIMED = 5000
/** Milliseconds. Ticks are a second apart, and the callbacks of one a few frames. */
const BETWEEN_TICKS = 400

/**
 * Times the callbacks of all timers and animation frames that are asked for from now on, which are the script's alone;
 * those of one tick add up. `timed()` gives the ticks' milliseconds, below 0 of those that sent a report, and begins
 * anew. The room for them is taken at once: the heap is measured too.
 */
const TIMING = `
  const spent = new Float64Array(${MOST_TIMED})
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
    if (count === 0 || from - last > ${BETWEEN_TICKS}) {
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
 * What anybody's script would cost that looks at the same things: each once a second, behind a frame, in the plainest
 * way and with no more said than whether it is well; and sends that every ten seconds.
 */
export const plainestCheck = (expectations: object[]): string => `<script>
  const expectations = ${JSON.stringify(expectations)}
  const isSeen = (selector) => {
    const element = document.querySelector(selector)
    const { width, height } = element.getBoundingClientRect()
    return element.checkVisibility() && width > 0 && height > 0
  }
  const looks = {
    element: ({ element }) => isSeen(element.replace(/ >>>.*/, '')),
    image: ({ image }) => isSeen(image) && document.querySelector(image).naturalWidth > 0,
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
  const look = () => {
    const checks = expectations.map((one) => {
      const kind = Object.keys(one).find((key) => key in looks)
      return { name: one[kind], ok: looks[kind](one) }
    })
    window.unwell = checks.filter(({ ok }) => !ok).map(({ name }) => name)
    if (++ticks % 10) return
    const body = JSON.stringify({ checks })
    window.fetch('/sink', { method: 'POST', body, credentials: 'omit', keepalive: true }).then((answer) => answer.text())
  }
  const tick = () => {
    window.setTimeout(tick, 1000)
    window.requestAnimationFrame(() => window.setTimeout(look))
  }
  tick()
</script>`

/**
 * A page with its own life: some of its text changes ten times a second, so that a look always meets a layout that is
 * out of date.
 *
 * @param script what looks at the page: tags, or nothing
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
  let beat = 0
  setInterval(() => {
    beat++
    for (let i = 0; i < 20; i++) document.querySelector('#row-' + (i * 11 + 5)).firstChild.textContent = beat
  }, 100)
  ${TIMING}
</script>
${script}
<script>window.Stillrolling?.ready()</script>
`
