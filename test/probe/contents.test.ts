import type { Route } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { FACES, FONTS, IMAGES, servePieces, serveSlowPicture, TEXTS } from './contentRows.ts'
import { testRows } from './rows.ts'
import { stage } from './stage.ts'

const on = stage({ concurrent: true })

testRows(on, 'whether images have a picture', IMAGES, {
  before: serveSlowPicture,
  facts: async ({ page }) => {
    const broken = await page.$$eval(
      'img',
      (images) => images.filter(({ complete, naturalWidth }) => complete && !naturalWidth).length,
    )
    // Broken images and those without a source are `complete`.
    expect(broken).toBe(6)
  },
})
const pieces: string[] = []

testRows(on, 'whether fonts are loaded', FONTS, {
  head: FACES,
  before: (page) => servePieces(page, pieces),
  facts: async ({ page }) => {
    // Checking loads no more than the page's text needs.
    expect(pieces).toEqual([expect.stringMatching(/\/0\.ttf$/)])
    // The usual checks pass although three of the fonts are missing.
    const asked = await page.evaluate(`Promise.all([
      document.fonts.check('16px NoSuchFont'),
      document.fonts.load('16px NoSuchFont'),
      document.fonts.status,
    ])`)
    expect(asked).toEqual([true, [], 'loaded'])
  },
})
testRows(on, 'whether text can be read', TEXTS)

test.concurrent('pictures that change all the time are well', async ({ expect }) => {
  on.pages.add(
    'changing',
    `<!doctype html><script src="{{reporter}}/probe.js" data-image="#camera, #slides, #replaced"></script>
    <img id="camera" alt=""><img id="slides" alt=""><p><img id="replaced" alt=""></p>
    <script>
      const picture = (n) => '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="' + (20 + n % 5) + '"></svg>'
      let n = 0
      // Like frames that arrive over a WebSocket.
      setInterval(() => {
        const blob = new Blob([picture(++n)], { type: 'image/svg+xml' })
        URL.revokeObjectURL(camera.src)
        camera.src = URL.createObjectURL(blob)
      }, 66)
      // Like pictures of a camera, each of which takes most of a second to arrive.
      const change = () => { slides.src = '/slow-slide?' + ++n }
      setInterval(change, 1000)
      change()
      // Like a view that is rendered again.
      setInterval(() => { document.querySelector('p').innerHTML = '<img id="replaced" alt="" src="/slide?' + ++n + '">' }, 700)
    </script>`,
  )
  const { first, reports } = await on.open('made/changing', {
    reply: () => ({ interval: 1 }),
    before: async (page) => {
      const fulfil = (route: Route) =>
        route.fulfill({
          contentType: 'image/svg+xml',
          body: '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"></svg>',
        })
      await page.route('**/slide?*', fulfil)
      await page.route('**/slow-slide?*', async (route) => {
        await new Promise((done) => setTimeout(done, 800))
        await fulfil(route).catch(() => {})
      })
    },
  })
  const { at: loadedAt } = await first('loaded')
  const since = () => reports().filter(({ at }) => at >= loadedAt)
  await vi.waitFor(() => expect(since().at(-1)?.at).toBeGreaterThan(loadedAt + 20_000), 40_000)
  expect(since().flatMap(({ checks }) => checks.filter(({ ok }) => !ok))).toEqual([])
})
