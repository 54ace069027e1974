import { type MediaRow, testMedia } from './mediaRows.ts'
import { stage } from './stage.ts'

const on = stage()

const FILE = '/assets/teacher.webm'
const LOOP = `<video id="ID" src="${FILE}" autoplay muted loop></video>`
const STREAM = 'it.srcObject = teacherCamera().stream'
const SHOW = "it.style.cssText = ''"
const HIDDEN = /^is hidden by CSS$/
const OUTSIDE = /^is outside the viewport$/
const COVER = `const cover = document.createElement('div')
  cover.style.cssText = 'position:absolute;inset:0;background:#888'
  it.after(cover)`

const styled = (name: string, style: string, detail?: RegExp): MediaRow => ({
  name,
  harm: `it.style.cssText = '${style}'`,
  detail,
  mend: detail && SHOW,
})

const INVISIBLE: MediaRow[] = [
  styled('display: none', 'display:none', HIDDEN),
  styled('visibility: hidden', 'visibility:hidden', HIDDEN),
  styled('opacity: 0', 'opacity:0', HIDDEN),
  styled('beside the viewport', 'position:fixed;left:-500px', OUTSIDE),
  styled('below the fold', 'position:fixed;top:2000px', OUTSIDE),
  styled('no area', 'width:0', /^has no area/),
]

testMedia(on, 'invisible files', [
  ...INVISIBLE.map((row) => ({ ...row, html: LOOP })),
  { ...styled('hidden, and drawn elsewhere', 'display:none'), html: LOOP, expect: { hidden: true } },
  // Chromium counts no dropped frames for a file, whether it is visible or not, so this is not detected.
  { ...styled('cut away', 'clip-path:inset(100%)'), html: LOOP },
  { name: 'covered', html: LOOP, harm: COVER },
])

testMedia(on, 'invisible streams', [
  ...INVISIBLE.slice(0, 2).map((row) => ({ ...row, play: STREAM })),
  {
    ...styled('cut away', 'clip-path:inset(100%)', /^not painted: frames are decoded, but none is shown$/),
    play: STREAM,
    after: 5,
  },
  {
    ...styled('cut away, and drawn elsewhere', 'clip-path:inset(100%)'),
    play: STREAM,
    expect: { hidden: true },
  },
  { ...styled('tiny', 'width:1px;height:1px'), play: STREAM },
  { ...styled('faint', 'opacity:.01'), play: STREAM },
  { ...styled('turned and small', 'transform:rotate(30deg) scale(.1)'), play: STREAM },
  { ...styled('half cut away', 'clip-path:inset(50% 0 0 0)'), play: STREAM },
])
