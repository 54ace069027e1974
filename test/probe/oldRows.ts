import { expect, test } from 'vitest'
import { FACES, FONTS, IMAGES, servePieces, serveSlowPicture, TEXTS } from './contentRows.ts'
import { ANIMATIONS, CLOBBERED, COUNTED, FLAT, PLACED, SEEN } from './elementRows.ts'
import { testMedia } from './mediaRows.ts'
import { launchOldChromium, type OldVersion } from './oldChromium.ts'
import { type Row, testRows } from './rows.ts'
import { stage } from './stage.ts'

/**
 * What the old versions do not have: `:has` (105), declarative shadow roots (111), `translate` (104); and they do not load
 * `data:` lazily.
 */
const NEWER = /shadowrootmode|:has\(|animation:drift|loading=/

const usable = (rows: readonly Row[]): Row[] => rows.filter((row) => !NEWER.test(JSON.stringify(row)))

const FILE = '<video id="ID" src="/assets/teacher.webm" autoplay muted loop></video>'
const STREAM = `const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d')
  own.timer = setInterval(() => {
    context.fillStyle = 'hsl(' + (performance.now() % 360) + ', 80%, 50%)'
    context.fillRect(0, 0, 300, 150)
  }, 40)
  it.srcObject = canvas.captureStream(25)`

/** The probe's tables on an old Chromium. */
export const testOldChromium = (version: OldVersion): void => {
  const on = stage({ launch: () => launchOldChromium(version), concurrent: true })
  const title = (what: string) => `Chromium ${version}: ${what}`

  test(title('is the browser that runs'), () => {
    expect(on.launched.browser.version()).toMatch(new RegExp(`^${version}\\.`))
  })

  testRows(on, title('whether an element is visible'), usable(SEEN))
  testRows(on, title('what is seen of an element without an area'), usable(FLAT))
  testRows(on, title('elements whose own properties are hidden by names'), usable(CLOBBERED))
  testRows(on, title('where an element is'), usable(PLACED), { head: ANIMATIONS })
  testRows(on, title('how many elements are visible'), usable(COUNTED))
  testRows(on, title('whether images have a picture'), usable(IMAGES), { before: serveSlowPicture })
  testRows(on, title('whether fonts are loaded'), usable(FONTS), { head: FACES, before: servePieces })
  testRows(on, title('whether text can be read'), usable(TEXTS))

  testMedia(on, title('media'), [
    { name: 'a file', html: FILE },
    { name: 'paused', html: FILE, harm: 'it.pause()', detail: /^paused$/, mend: 'await it.play()' },
    {
      name: 'sound in <video>',
      play: "it.src = URL.createObjectURL(new Blob([silence(60)], { type: 'audio/mpeg' }))",
    },
    { name: 'a stream', play: STREAM },
    {
      name: 'a stream whose picture stands',
      play: STREAM,
      harm: 'clearInterval(own.timer)',
      detail: /^(no frames|its track is muted): no progress for 10 s \(readyState 4\)/,
      after: 10,
    },
  ])
}
