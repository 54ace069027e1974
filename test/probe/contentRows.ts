import type { Page, Route } from 'playwright-core'
import { fontUrl } from './font.ts'
import type { Row } from './rows.ts'

const svg = (attributes = '') =>
  `data:image/svg+xml,<svg xmlns=%27http://www.w3.org/2000/svg%27 ${attributes}></svg>`
const GOOD = svg('width=%2720%27 height=%2720%27')
const SLOW = '/assets/slow.svg'

const image = (attributes: string): string =>
  `<img id="ID" style="width:20px;height:20px" alt="" ${attributes}>`
const IT = { image: '#ID' } as const
const REPLACE = `it.src = "${GOOD}"`

export const IMAGES: Row[] = [
  { name: 'good', html: image(`src="${GOOD}"`), expect: IT },
  { name: 'SVG without a size', html: image(`src="${svg()}"`), expect: IT },
  {
    name: 'slow',
    html: image(`src="${SLOW}"`),
    expect: IT,
    detail: 'is being loaded',
    mend: 'fetch("/release")',
  },
  {
    name: '404',
    html: image('src="/assets/none.png"'),
    expect: IT,
    detail: 'could not be loaded',
    mend: REPLACE,
  },
  {
    name: 'bad data',
    html: image('src="data:image/png;base64,AAAA"'),
    expect: IT,
    detail: 'could not be loaded',
    mend: REPLACE,
  },
  { name: 'no source', html: image(''), expect: IT, detail: 'has no source', mend: REPLACE },
  { name: 'empty source', html: image('src=""'), expect: IT, detail: 'has no source', mend: REPLACE },
  {
    name: 'lazy and far away',
    html: image(`src="${GOOD}#lazy" loading="lazy"`).replace(
      'style="',
      'style="position:absolute;top:20000px;',
    ),
    expect: IT,
    detail: 'is being loaded',
    mend: 'it.style.top = 0',
  },
  {
    name: 'good, but hidden',
    html: image(`src="${GOOD}" hidden`),
    expect: IT,
    detail: 'is hidden by CSS',
    mend: 'it.hidden = false',
  },
  {
    name: 'not an image',
    html: '<div id="ID"><b class="ID">x</b></div>',
    expect: { image: '.ID' },
    detail: 'is not an <img> but a <b>',
    mend: `it.innerHTML = '<img class="ID" alt="" src="${GOOD}">'`,
  },
  {
    name: 'all good but one',
    html: `<div>${`<img alt="" src="${GOOD}">`.repeat(2)}${image('src="/assets/none.png"')}</div>`,
    expect: { image: 'div:has(> #ID) > img' },
    detail: 'could not be loaded',
    mend: REPLACE,
  },
  {
    name: 'two good, two expected',
    html: `<div>${`<img alt="" src="${GOOD}">`.repeat(2)}${image('src="/assets/none.png"')}</div>`,
    expect: { image: 'div:has(> #ID) > img', count: 2 },
  },
]

const FONT = fontUrl()
const face = (family: string, source: string): string =>
  `@font-face { font-family: ${family}; src: url(${source}) }`
/** A family in 120 files: one for Latin, the others for 256 characters each. */
const PIECES = Array.from({ length: 120 }, (_, i) => {
  const range = i ? `U+${(0x1000 + 256 * i).toString(16)}-${(0x10ff + 256 * i).toString(16)}` : 'U+0-FF'
  return `@font-face { font-family: Pieces; src: url(/pieces/${i}.ttf); unicode-range: ${range} }`
})
export const FACES: string = `<style>
  ${face('Used', FONT)} ${face("'Unused Yet'", FONT)} ${face('Missing', '/assets/none.woff2')} ${face('Broken', 'data:font/woff2;base64,AAAA')}
  ${PIECES.join('\n')}
</style>`
const addFace = (family: string): string =>
  `const face = new FontFace("${family}", "url(${FONT})"); document.fonts.add(face); face.load()`

export const FONTS: Row[] = [
  { name: 'declared and used', html: '<b style="font-family:Used">x</b>', expect: { font: 'Used' } },
  { name: 'in another case', html: '', expect: { font: 'used' } },
  { name: 'not used yet', html: '', expect: { font: 'Unused Yet' } },
  { name: 'in 120 pieces, not used yet', html: '', expect: { font: 'Pieces' } },
  {
    name: 'file missing',
    html: '<b style="font-family:Missing">x</b>',
    expect: { font: 'Missing' },
    detail: 'could not be loaded',
    mend: addFace('Missing'),
  },
  {
    name: 'file broken, not used',
    html: '',
    expect: { font: 'Broken' },
    detail: 'could not be loaded',
    mend: addFace('Broken'),
  },
  {
    name: 'not declared',
    html: '<b style="font-family:NoSuchFont">x</b>',
    expect: { font: 'NoSuchFont' },
    detail: 'is not declared',
    mend: addFace('NoSuchFont'),
  },
  {
    name: 'added by the FontFace API',
    html: `<script>{ ${addFace('Added')} }</script>`,
    expect: { font: 'Added' },
  },
]

export const TEXTS: Row[] = [
  { name: 'there', html: '<p>Lesson ID</p>', expect: { text: 'Lesson ID' } },
  {
    name: 'not there',
    html: '<p id="ID">Loading…</p>',
    expect: { text: 'Lesson ID' },
    detail: 'is not there',
    mend: 'it.textContent = "Lesson ID"',
  },
  {
    name: 'hidden',
    html: '<p id="ID" hidden>Lesson ID</p>',
    expect: { text: 'Lesson ID' },
    detail: 'is hidden by CSS',
    mend: 'it.hidden = false',
  },
  {
    name: 'hidden once, and seen once',
    html: '<p hidden>Lesson ID</p><p>Lesson ID</p>',
    expect: { text: 'Lesson ID' },
  },
  { name: 'over several elements', html: '<p>Les<b>son</b> <i>ID</i></p>', expect: { text: 'Lesson ID' } },
  { name: 'white space', html: '<p>Lesson\n      \t&nbsp;ID</p>', expect: { text: 'Lesson  ID' } },
  {
    name: 'only in a script',
    html: '<script id="ID">"Lesson ID"</script>',
    expect: { text: 'Lesson ID' },
    detail: 'is not there',
    mend: 'it.outerHTML = "<p>Lesson ID</p>"',
  },
  {
    name: 'only in a style',
    html: '<style id="ID">#x::after { content: "Lesson ID" }</style>',
    expect: { text: 'Lesson ID', in: 'section' },
    detail: 'is not there',
    mend: 'it.outerHTML = "<p>Lesson ID</p>"',
  },
  {
    name: 'in a script, and shown',
    html: '<p>Les<script>"x"</script>son ID</p>',
    expect: { text: 'Lesson ID' },
  },
  {
    name: 'over a line break',
    html: '<p>Geometry,<br>lesson ID</p>',
    expect: { text: 'Geometry, lesson ID' },
  },
  {
    name: 'over two blocks',
    html: '<div><div>Geometry</div><div>Lesson ID</div></div>',
    expect: { text: 'Geometry Lesson ID' },
  },
  {
    name: 'without a blank',
    html: '<p id="ID">LessonID</p>',
    expect: { text: 'Lesson ID' },
    detail: 'is not there',
    mend: 'it.textContent = "Lesson ID"',
  },
  {
    name: 'soft hyphens and joiners without a width',
    html: '<p>Geo&shy;me&ZeroWidthSpace;try<wbr> ID</p>',
    expect: { text: 'Geometry ID' },
  },
  { name: 'composed otherwise', html: '<p>Ra&#x308;ume ID</p>', expect: { text: 'Räume ID' } },
  { name: 'special characters', html: '<p>(a+b)*c? [ID]</p>', expect: { text: '(a+b)*c? [ID]' } },
  {
    name: 'in an open shadow root',
    html: '<div><template shadowrootmode="open"><p>Lesson ID</p></template></div>',
    expect: { text: 'Lesson ID' },
  },
  {
    name: 'in a slot',
    html: '<div><template shadowrootmode="open"><b>Lesson </b><slot></slot>!</template><i>ID</i></div>',
    expect: { text: 'Lesson ID!' },
  },
  {
    name: 'hidden in an open shadow root',
    html: '<div id="ID"><template shadowrootmode="open"><p hidden>Lesson ID</p></template></div>',
    expect: { text: 'Lesson ID' },
    detail: 'is hidden by CSS',
    mend: 'it.shadowRoot.firstChild.hidden = false',
  },

  {
    name: 'in another place',
    html: '<p>Lesson ID</p><p id="ID"></p>',
    expect: { text: 'Lesson ID', in: '#ID' },
    detail: 'is not there',
    mend: 'it.textContent = "Lesson ID"',
  },
  {
    name: 'in no place',
    html: '<p id="ID">Lesson ID</p>',
    expect: { text: 'Lesson ID', in: '#ID > b' },
    detail: '#ID > b: no element matches',
    mend: 'it.innerHTML = "<b>Lesson ID</b>"',
  },
  {
    name: 'in a shadow root',
    html: '<div id="ID"><template shadowrootmode="open"><p>Lesson ID</p></template></div>',
    expect: { text: 'Lesson ID', in: '#ID >>> p' },
  },
]

/** Answers for the slow picture when its row is mended. */
export const serveSlowPicture = async (page: Page): Promise<void> => {
  let slow: Route | undefined
  const fulfil = (route: Route) =>
    route.fulfill({
      contentType: 'image/svg+xml',
      body: decodeURIComponent(GOOD.slice(GOOD.indexOf(',') + 1)),
    })
  await page.route(`**${SLOW}`, (route) => {
    slow = route
  })
  await page.route('**/release', async (route) => {
    await route.fulfill({ body: '' })
    if (slow) await fulfil(slow)
  })
}

/** Serves the files of the family in pieces; `requested` receives their addresses. */
export const servePieces = (page: Page, requested: string[] = []): Promise<unknown> =>
  page.route('**/pieces/*', (route) => {
    requested.push(route.request().url())
    return route.fulfill({ body: Buffer.from(FONT.slice(FONT.indexOf(',') + 1), 'base64') })
  })
