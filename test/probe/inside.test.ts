import { type Row, testRows } from './rows.ts'
import { stage } from './stage.ts'

const on = stage({ concurrent: true })

const CLOSED = 'is in a closed shadow root or a cross-origin frame'

const shadow = (content: string, mode = 'open', attributes = 'id="ID"'): string =>
  `<div ${attributes}><template shadowrootmode="${mode}">${content}</template></div>`

const frame = (content: string, attributes = ''): string =>
  `<iframe id="ID" style="width:100px;height:40px;border:0" srcdoc='${content}' ${attributes}></iframe>`

const SHADOW_ROOTS: Row[] = [
  { name: 'open root', html: shadow('<b>x</b>'), expect: { element: '#ID >>> b' } },
  {
    name: 'without >>>',
    html: shadow('<b>x</b>'),
    expect: { element: '#ID b' },
    detail: 'no element matches',
    mend: 'it.innerHTML = "<b slot>x</b>"; it.shadowRoot.innerHTML = "<slot></slot>"',
  },
  {
    name: 'not in the root',
    html: shadow('<i>x</i>'),
    expect: { element: '#ID >>> b' },
    detail: 'no element matches',
    mend: 'it.shadowRoot.innerHTML = "<b>x</b>"',
  },
  {
    name: 'root in a root',
    html: shadow(shadow('<b>x</b>', 'open', 'class="inner"')),
    expect: { element: '#ID >>> .inner >>> b' },
  },
  {
    name: 'hidden host',
    html: shadow('<b>x</b>', 'open', 'id="ID" style="visibility:hidden"'),
    expect: { element: '#ID >>> b' },
    detail: 'is hidden by CSS',
    mend: 'it.removeAttribute("style")',
  },
  {
    name: 'covered in its root',
    html: shadow('<b>x</b><div style="position:absolute;inset:0;background:#aac"></div>'),
    expect: { element: '#ID >>> b', uncovered: true },
    detail: 'is covered',
    mend: 'it.shadowRoot.lastChild.remove()',
  },
  {
    name: 'closed root',
    html: `<div id="ID">${shadow('<b>x</b>', 'closed', '')}</div>`,
    expect: { element: '#ID > div >>> b' },
    detail: CLOSED,
    mend: `const open = document.createElement('div')
      open.attachShadow({ mode: 'open' }).innerHTML = '<b>x</b>'
      it.replaceChildren(open)`,
  },
  {
    name: 'no root at all',
    html: '<div id="ID"></div>',
    expect: { element: '#ID >>> b' },
    detail: CLOSED,
    mend: `it.attachShadow({ mode: 'open' }).innerHTML = '<b>x</b>'`,
  },
  {
    name: 'child without a slot',
    html: `<div id="ID"><template shadowrootmode="open"></template><b>x</b></div>`,
    expect: { element: '#ID > b' },
    detail: 'is hidden by CSS',
    mend: `it.shadowRoot.innerHTML = '<slot></slot>'`,
  },
  {
    name: 'custom element without a box',
    html: shadow('<style>:host { display: contents }</style><b>x</b>'),
    expect: { element: '#ID' },
  },
]

const FRAMES: Row[] = [
  { name: 'frame', html: frame('<p>x</p>'), expect: { element: '#ID >>> p' } },
  {
    name: 'not in the frame',
    html: frame('<i>x</i>'),
    expect: { element: '#ID >>> p' },
    detail: 'no element matches',
    mend: 'it.srcdoc = "<p>x</p>"',
  },
  {
    name: 'hidden frame',
    html: frame('<p>x</p>', 'hidden'),
    expect: { element: '#ID >>> p' },
    detail: 'is hidden by CSS',
    mend: 'it.hidden = false',
  },
  {
    name: 'invisible frame',
    html: frame('<p>x</p>').replace('style="', 'style="opacity:0;'),
    expect: { element: '#ID >>> p' },
    detail: 'is in a frame that is hidden by CSS',
    mend: 'it.style.opacity = 1',
  },
  {
    name: 'frame off the screen',
    html: frame('<p>x</p>').replace('style="', 'style="position:fixed;left:-100px;'),
    expect: { element: '#ID >>> p' },
    detail: 'is in a frame that is outside the viewport',
    mend: 'it.style.left = 0',
  },
  {
    name: "below the frame's own fold",
    html: frame('<p style="margin-top:99px">x</p>'),
    expect: { element: '#ID >>> p' },
    detail: 'is outside the viewport',
    mend: 'it.style.height = "200px"',
  },
  {
    name: 'covered frame',
    html: `${frame('<p>x</p>')}<div style="position:absolute;inset:0;background:#aac"></div>`,
    expect: { element: '#ID >>> p', uncovered: true },
    detail: 'is covered',
    mend: 'it.nextElementSibling.remove()',
  },
  {
    name: 'frame of another origin',
    html: frame('').replace('srcdoc', 'src="{{reporter}}/probe.js" data-'),
    expect: { element: '#ID >>> p' },
    detail: CLOSED,
    mend: 'it.removeAttribute("src"); it.srcdoc = "<p>x</p>"',
  },
  {
    name: 'frame in a sandbox',
    html: frame('<p>x</p>', 'sandbox'),
    expect: { element: '#ID >>> p' },
    detail: CLOSED,
    mend: 'it.removeAttribute("sandbox"); it.srcdoc = it.srcdoc',
  },
  {
    name: 'root in a frame',
    html: frame('<div><template shadowrootmode="open"><p>x</p></template></div>'),
    expect: { element: '#ID >>> div >>> p' },
  },
  {
    name: 'image of another realm',
    html: frame('<img alt="" src="/assets/one.svg">'),
    expect: { image: '#ID >>> img' },
  },
]

testRows(on, 'inside shadow roots', SHADOW_ROOTS)
testRows(on, 'inside frames', FRAMES, {
  before: (page) =>
    page.route('**/assets/one.svg', (route) =>
      route.fulfill({
        contentType: 'image/svg+xml',
        body: '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"/>',
      }),
    ),
})
