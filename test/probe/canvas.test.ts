import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { stage } from './stage.ts'

const on = stage()

test('the test of a canvas in docs/probe.md fails when the canvas is no longer drawn', async () => {
  const docs = await readFile(new URL('../../docs/probe.md', import.meta.url), 'utf8')
  const pasted = docs.match(/```html\n(<script>[^`]*drawImage[^`]*<\/script>)\n```/)?.[1]
  expect(pasted).toBeDefined()
  on.pages.add(
    'canvas',
    `<!doctype html><script src="{{reporter}}/probe.js" data-expect="#board"></script>
    <canvas id="board" width="640" height="360"></canvas>
    <script>
      let n = 0
      const drawing = setInterval(() => {
        const context = document.querySelector('#board').getContext('2d')
        context.fillStyle = 'hsl(' + (n++ % 360) + ', 80%, 50%)'
        context.fillRect(0, 0, 640, 360)
      }, 40)
    </script>
    ${pasted}`,
  )
  const name = 'the board is being drawn'
  const { page, first, report, reports } = await on.open('made/canvas', { reply: () => ({ interval: 1 }) })
  const { checks } = await first('loaded')
  expect(checks).toContainEqual({ name, ok: true })
  const stoppedAt = await page.evaluate<number>('clearInterval(drawing); performance.now()')
  const { at } = await report(name, { ok: false, detail: 'is false' }, 30_000)
  expect(at - stoppedAt).toBeGreaterThanOrEqual(9000)
  expect(reports().at(-1)?.errors).toBe(0)
})
