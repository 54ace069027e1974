import { test, vi } from 'vitest'
import { ANIMATIONS, CLOBBERED, COUNTED, FLAT, PLACED, SEEN } from './elementRows.ts'
import { testRows } from './rows.ts'
import { stage } from './stage.ts'

const on = stage({ concurrent: true })

testRows(on, 'whether an element is visible', SEEN)
testRows(on, 'what is seen of an element without an area', FLAT)
testRows(on, 'elements whose own properties are hidden by names', CLOBBERED)
testRows(on, 'where an element is', PLACED, { head: ANIMATIONS })
testRows(on, 'how many elements are visible', COUNTED)

test.concurrent('a badge that blinks every 1.3 s does not fail', async ({ expect }) => {
  on.pages.add(
    'blinking',
    `<!doctype html><script src="{{reporter}}/probe.js" data-expect="#badge"></script>
    <style>@keyframes blink { 50% { visibility: hidden } }</style>
    <b id="badge" style="animation: blink 1.3s step-end infinite">REC</b>`,
  )
  const { first, reports } = await on.open('made/blinking', { reply: () => ({ interval: 1 }) })
  const { at: loadedAt } = await first('loaded')
  const since = () => reports().filter(({ at }) => at >= loadedAt)
  await vi.waitFor(() => expect(since().at(-1)?.at).toBeGreaterThan(loadedAt + 20_000), 40_000)
  expect(since().flatMap(({ checks }) => checks.filter(({ ok }) => !ok))).toEqual([])
})
