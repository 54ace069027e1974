import type { Row } from './rows.ts'

/** A row's element, 100×40 pixels, with a style. */
const box = (style = '', content = 'x'): string =>
  `<div id="ID" style="width:100px;height:40px;${style}">${content}</div>`

const within = (style: string): string => `<div style="${style}">${box()}</div>`

const IT = { element: '#ID' } as const
const SHOW = 'it.removeAttribute("style"); it.style.width = "50px"'
const SHOW_PARENT = 'it.parentElement.removeAttribute("style")'
const HIDDEN = 'is hidden by CSS'
const OUTSIDE = 'is outside the viewport'

export const SEEN: Row[] = [
  { name: 'plain', html: box(), expect: IT },
  {
    name: 'absent',
    html: '<p id="ID"></p>',
    expect: { element: '#ID > b' },
    detail: 'no element matches',
    mend: 'it.innerHTML = "<b>x</b>"',
  },
  { name: 'display none', html: box('display:none'), expect: IT, detail: HIDDEN, mend: SHOW },
  {
    name: "parent's display none",
    html: within('display:none'),
    expect: IT,
    detail: HIDDEN,
    mend: SHOW_PARENT,
  },
  { name: 'visibility hidden', html: box('visibility:hidden'), expect: IT, detail: HIDDEN, mend: SHOW },
  {
    name: "parent's visibility hidden",
    html: within('visibility:hidden'),
    expect: IT,
    detail: HIDDEN,
    mend: SHOW_PARENT,
  },
  {
    name: 'visible in a hidden parent',
    html: `<div style="visibility:hidden">${box('visibility:visible')}</div>`,
    expect: IT,
  },
  { name: 'opacity 0', html: box('opacity:0'), expect: IT, detail: HIDDEN, mend: SHOW },
  { name: "parent's opacity 0", html: within('opacity:0'), expect: IT, detail: HIDDEN, mend: SHOW_PARENT },
  { name: 'opacity 0.01', html: box('opacity:.01'), expect: IT },
  {
    name: 'content-visibility hidden',
    html: within('content-visibility:hidden'),
    expect: IT,
    detail: HIDDEN,
    mend: SHOW_PARENT,
  },
  {
    name: 'no width',
    html: box('width:0;overflow:hidden'),
    expect: IT,
    detail: 'has no area (0×40)',
    mend: SHOW,
  },
  {
    name: 'no height',
    html: box('height:0;overflow:hidden'),
    expect: IT,
    detail: 'has no area (100×0)',
    mend: SHOW,
  },
  { name: 'scale 0', html: box('transform:scale(0)'), expect: IT, detail: 'has no area (0×0)', mend: SHOW },
  { name: 'scaled and turned', html: box('transform:rotate(30deg) scale(.1)'), expect: IT },
  { name: '1×1', html: box('width:1px;height:1px'), expect: IT },
  {
    name: 'off to the left',
    html: box('position:fixed;left:-100px'),
    expect: IT,
    detail: OUTSIDE,
    mend: SHOW,
  },
  {
    name: 'off to the right',
    html: box('position:fixed;left:100vw'),
    expect: IT,
    detail: OUTSIDE,
    mend: SHOW,
  },
  { name: 'off above', html: box('position:fixed;top:-40px'), expect: IT, detail: OUTSIDE, mend: SHOW },
  { name: 'off below', html: box('position:fixed;top:100vh'), expect: IT, detail: OUTSIDE, mend: SHOW },
  { name: 'a pixel inside', html: box('position:fixed;left:-99px'), expect: IT },
  {
    name: 'below the fold',
    html: box('position:absolute;top:2000px'),
    expect: IT,
    detail: OUTSIDE,
    mend: SHOW,
  },
  {
    name: 'one match of three can be seen',
    html: `<i class="ID" hidden>x</i><i class="ID" style="opacity:0">x</i><i class="ID">x</i>`,
    expect: { element: '.ID' },
  },
  {
    name: 'no match of two can be seen',
    html: `<i class="ID" style="position:fixed;top:-99px">x</i><i class="ID" id="ID" hidden>x</i>`,
    expect: { element: '.ID' },
    detail: OUTSIDE,
    mend: 'it.hidden = false',
  },
  { name: 'display contents', html: `<div id="ID" style="display:contents"><b>x</b></div>`, expect: IT },
  {
    name: 'display contents, nothing in it',
    html: `<div id="ID" style="display:contents"></div>`,
    expect: IT,
    detail: HIDDEN,
    mend: 'it.innerHTML = "<b>x</b>"',
  },
]

const PART = 'width:20px;height:20px'
const shadow = (content: string): string => `<template shadowrootmode="open">${content}</template>`

/** Elements without an area of their own. */
export const FLAT: Row[] = [
  {
    name: 'positioned content',
    html: `<div id="ID"><b style="position:absolute;${PART}">x</b></div>`,
    expect: IT,
  },
  { name: 'floating content', html: `<div id="ID"><b style="float:left;${PART}">x</b></div>`, expect: IT },
  {
    name: 'floating content in a flat part',
    html: `<div id="ID"><p style="margin:0"><b style="float:left;${PART}">x</b></p></div>`,
    expect: IT,
  },
  { name: 'text over its edge', html: '<div id="ID" style="width:0;height:0">x</div>', expect: IT },
  {
    name: 'an inline element of the page with positioned content',
    html: `<my-board id="ID">${shadow(`<b style="position:absolute;${PART}">x</b>`)}</my-board>`,
    expect: IT,
  },
  {
    name: 'an inline element of the page with a slot',
    html: `<my-board id="ID">${shadow('<slot></slot>')}<b style="float:left;${PART}">x</b></my-board>`,
    expect: IT,
  },
  {
    name: 'a flat line',
    html: '<svg width="50" height="20"><line id="ID" x1="0" y1="9" x2="40" y2="9" stroke="red"/></svg>',
    expect: IT,
  },
  {
    name: 'a group with an upright line',
    html: '<svg width="50" height="20"><g id="ID"><path d="M9 0V19" stroke="red"/></g></svg>',
    expect: IT,
  },
  {
    name: 'a flat line without a stroke',
    html: '<svg width="50" height="20"><line id="ID" x1="0" y1="9" x2="40" y2="9"/></svg>',
    expect: IT,
    detail: 'has no area (40×0)',
    mend: 'it.style.stroke = "red"',
  },
  { name: 'display contents, text', html: '<div id="ID" style="display:contents">x</div>', expect: IT },
  {
    name: 'display contents, text, of a transparent parent',
    html: `<div style="opacity:0"><div id="ID" style="display:contents">x</div></div>`,
    expect: IT,
    detail: HIDDEN,
    mend: SHOW_PARENT,
  },
  {
    name: 'nothing',
    html: `<div id="ID"></div>`,
    expect: IT,
    detail: 'has no area (100×0)',
    mend: 'it.textContent = "x"',
  },
  {
    name: 'hidden content',
    html: `<div id="ID"><b style="position:absolute;opacity:0;${PART}">x</b></div>`,
    expect: IT,
    detail: 'has no area (100×0)',
    mend: 'it.firstChild.style.opacity = 1',
  },
  {
    name: 'clipped content',
    html: `<div id="ID" style="height:0;overflow:hidden"><b style="position:relative;${PART}">x</b></div>`,
    expect: IT,
    detail: 'has no area (100×0)',
    mend: 'it.style.overflow = "visible"',
  },
  {
    name: 'content that its overflow does not clip',
    html: `<div id="ID" style="height:0;overflow:hidden"><b style="position:absolute;${PART}">x</b></div>`,
    expect: IT,
  },
  {
    name: 'positioned content, all of it in view',
    html: `<div id="ID"><b style="position:absolute;${PART}">x</b></div>`,
    expect: { ...IT, inView: 1, uncovered: true, stable: true },
  },
  {
    name: 'positioned content, half of it in view',
    html: `<div id="ID"><b style="position:fixed;left:-10px;${PART}">x</b></div>`,
    expect: { ...IT, inView: 1 },
    detail: 'has 50 % of its area inside the viewport',
    mend: 'it.firstChild.style.left = 0',
  },
]

/** Inputs hide what their form inherits. */
const INPUTS = [
  ...['matches', 'closest', 'querySelector', 'querySelectorAll', 'parentNode', 'parentElement', 'children'],
  ...['getBoundingClientRect', 'checkVisibility', 'isConnected', 'shadowRoot', 'ownerDocument', 'localName'],
  ...['getRootNode', 'nodeType', 'firstChild', 'contains', 'assignedSlot', 'contentDocument', 'style'],
]
  .map((name) => `<input name="${name}" hidden>`)
  .join('')
/** Images and forms hide what the document inherits. */
const NAMES = ['querySelectorAll', 'defaultView', 'elementFromPoint', 'createRange', 'body', 'host', 'fonts']
  .map((name) => `<img name="${name}" alt="" hidden><form name="${name}"></form>`)
  .join('')

export const CLOBBERED: Row[] = [
  { name: 'a form', html: `<form id="ID">${INPUTS}x</form>`, expect: IT },
  {
    name: 'a form that is hidden',
    html: `<form id="ID" style="opacity:0">${INPUTS}x</form>`,
    expect: IT,
    detail: HIDDEN,
    mend: 'it.removeAttribute("style")',
  },
  {
    name: 'a form, placed and counted',
    html: `<form id="ID">${INPUTS}x</form>`,
    expect: { ...IT, count: 1, inView: 1, stable: true, uncovered: true },
  },
  {
    name: 'a form without an area',
    html: `<form id="ID">${INPUTS}<b style="float:left;${PART}">x</b></form>`,
    expect: IT,
  },
  { name: 'in a form', html: `<form>${INPUTS}<b id="ID">x</b></form>`, expect: IT },
  {
    name: 'text in a form',
    html: `<form id="ID">${INPUTS}Lesson <b>ID</b></form>`,
    expect: { text: 'Lesson ID', in: '#ID' },
  },
  { name: 'text in the page', html: `<p>Lesson <b>ID</b>${NAMES}</p>`, expect: { text: 'Lesson ID' } },
  {
    name: 'a step out of a form',
    html: `<form id="ID">${INPUTS}</form>`,
    expect: { element: '#ID >>> b' },
    detail: 'is in a closed shadow root or a cross-origin frame',
    mend: 'it.outerHTML = `<div id="ID"></div>`; document.getElementById("ID").attachShadow({ mode: "open" }).innerHTML = "<b>x</b>"',
  },
]

const MOVING_BY_CSS = 'animation:drift 1s linear infinite'

export const PLACED: Row[] = [
  {
    name: '40 % of it in view, half expected',
    html: box('position:fixed;left:-60px'),
    expect: { ...IT, inView: 0.5 },
    detail: 'has 40 % of its area inside the viewport',
    mend: 'it.style.left = "-50px"',
  },
  {
    name: 'a quarter of it in view, at a corner',
    html: box('position:fixed;left:-50px;top:calc(100vh - 20px)'),
    expect: { ...IT, inView: 0.3 },
    detail: 'has 25 % of its area inside the viewport',
    mend: 'it.style.left = 0',
  },
  {
    name: 'all of it in view, all expected',
    html: box('position:fixed;left:0;top:400px'),
    expect: { ...IT, inView: 1 },
  },
  { name: 'still', html: box(), expect: { ...IT, stable: true } },
  {
    name: 'moved by CSS',
    html: box(MOVING_BY_CSS),
    expect: { ...IT, stable: true },
    detail: 'moves',
    mend: 'it.style.animation = "none"',
  },
  {
    name: 'sized by script',
    html: `${box('background:#ddd')}<script>
      window.ID = setInterval(() => { document.getElementById('ID').style.width = 50 + performance.now() % 50 + 'px' }, 10)
    </script>`,
    expect: { ...IT, stable: true },
    detail: 'moves',
    mend: 'clearInterval(window.ID)',
  },
  { name: 'coloured by CSS', html: box('animation:blush 1s infinite'), expect: { ...IT, stable: true } },
  {
    name: 'under an opaque sibling',
    html: `${box()}<div class="over"></div>`,
    expect: { ...IT, uncovered: true },
    detail: 'is covered',
    mend: 'it.nextElementSibling.remove()',
  },
  {
    name: 'half under a sibling',
    html: `${box()}<div class="over" style="width:50px"></div>`,
    expect: { ...IT, uncovered: true },
  },
  {
    name: 'under its own child',
    html: box('position:relative', '<div class="over"></div>'),
    expect: { ...IT, uncovered: true },
  },
  {
    name: 'clipped by a parent',
    html: `<div style="width:20px;height:8px;overflow:hidden">${box()}</div>`,
    expect: { ...IT, uncovered: true },
    detail: 'is covered',
    mend: SHOW_PARENT,
  },
  {
    name: 'covered, without `uncovered`',
    html: `${box()}<div class="over"></div>`,
    expect: IT,
  },
]

const many = (shown: number, hidden = 0): string =>
  `<div id="ID">${'<i>x</i>'.repeat(shown)}${'<i hidden>x</i>'.repeat(hidden)}</div>`

export const COUNTED: Row[] = [
  { name: 'as many as expected', html: many(3, 1), expect: { element: '#ID > i', count: 3 } },
  { name: 'more than expected', html: many(5), expect: { element: '#ID > i', count: 3 } },
  {
    name: 'too few can be seen',
    html: many(2, 2),
    expect: { element: '#ID > i', count: 3 },
    detail: `2 of 4 can be seen, expected at least 3: one ${HIDDEN}`,
    mend: 'for (const i of it.children) i.hidden = false',
  },
  {
    name: 'too few are there',
    html: many(1),
    expect: { element: '#ID > i', count: [2, 4] },
    detail: '1 of 1 can be seen, expected at least 2',
    mend: 'it.innerHTML += "<i>x</i>"',
  },
  { name: 'in the range', html: many(4), expect: { element: '#ID > i', count: [2, 4] } },
  {
    name: 'too many',
    html: many(3),
    expect: { element: '#ID > i', count: [0, 2] },
    detail: 'more than 2 can be seen',
    mend: 'it.firstChild.remove()',
  },
  { name: 'none expected, none there', html: '', expect: { element: '.ID-error', count: [0, 0] } },
  {
    name: 'none expected, one there',
    html: '<b id="ID">Error</b>',
    expect: { ...IT, count: [0, 0] },
    detail: 'more than 0 can be seen',
    mend: 'it.hidden = true',
  },
]

export const ANIMATIONS: string = `<style>
  .over { position: absolute; inset: 0; background: #aac }
  @keyframes drift { to { translate: 50px } }
  @keyframes blush { to { color: red } }
</style>`
