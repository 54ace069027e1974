/**
 * A script for a page: from now on it notes in `window.used` which names of the page the probe's files use, as
 * `probe.js: Array.prototype.map`. Two kinds of names are noted: properties of the window that hold functions, when they
 * are read; and functions of the language and of what the probe needs of the browser, when they are called.
 *
 * `Symbol.iterator` is left out: syntax such as `for … of` and spread reads it.
 */
export const NOTE_USED_NAMES = `{
  window.used = []
  const { Error, Reflect } = window
  const { apply, defineProperty } = Reflect
  const { getOwnPropertyDescriptor, getOwnPropertyNames } = Object
  const { exec } = RegExp.prototype
  const { includes, push } = Array.prototype
  const PROBE = /(probe|watch)[-.\\w]*\\.js/
  const note = (name) => {
    const lines = new Error().stack
    // The third line is the caller of the wrapper, below this function and the wrapper.
    const [, caller] = apply(exec, /^[^\\n]*\\n[^\\n]*\\n[^\\n]*\\n([^\\n]*)/, [lines]) ?? []
    const [file] = apply(exec, PROBE, [caller ?? '']) ?? []
    if (!file) return
    const use = (file === 'probe.js' ? 'probe.js' : 'probe-watch.js') + ': ' + name
    if (!apply(includes, used, [use])) apply(push, used, [use])
  }
  const wrapAll = (owner, path) => {
    for (const key of getOwnPropertyNames(owner)) {
      const { value, writable } = getOwnPropertyDescriptor(owner, key)
      if (typeof value !== 'function' || !writable || key === 'constructor') continue
      owner[key] = function (...args) {
        note(path + '.' + key)
        return new.target ? Reflect.construct(value, args) : apply(value, this, args)
      }
    }
  }
  const LANGUAGE = ['Array', 'Boolean', 'Date', 'Function', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'Uint32Array', 'Uint8Array', 'WeakMap', 'WeakSet']
  const BROWSER = ['AbortController', 'Headers', 'Navigator', 'Performance', 'Response', 'TextEncoder', 'URL', 'URLSearchParams']
  const owners = [...LANGUAGE, ...BROWSER].map((name) => [name, window[name]])
  for (const name of getOwnPropertyNames(window)) {
    const { value, configurable } = getOwnPropertyDescriptor(window, name)
    if (typeof value !== 'function' && !LANGUAGE.includes(name) || !configurable) continue
    defineProperty(window, name, {
      configurable: true,
      get() {
        note(name)
        return value
      },
      set() {},
    })
  }
  for (const [name, owner] of owners) {
    wrapAll(owner, name)
    if (owner.prototype) wrapAll(owner.prototype, name + '.prototype')
  }
}`

/** What pages and their libraries do to names that they own, all after the tag has run. */
export const OWN_NAMES = `<script>
  const broken = () => { throw new TypeError('of the page') }
  Array.prototype.reduce = function () { return this.length > 1 ? this : this[0] }
  for (const name of ['map', 'filter', 'flatMap', 'some', 'every', 'find', 'findIndex', 'join', 'slice', 'sort']) Array.prototype[name] = broken
  Object.keys = Object.entries = Array.isArray = broken
  String.prototype.slice = String.prototype.split = String.prototype.replace = broken
  Object.prototype.each = function () {}
  Object.assign(Object.prototype, { detail: 'of the page', overdue: true, note: 'of the page', tag: {}, route: '/never', timeout: 0.1, count: 9, optional: true, headers: 1, mode: 'no-mode' })
  for (const type of [Object, Array, String, Number, Boolean, Date]) type.prototype.toJSON = function () { return '[of the page]' }
</script>
<script>
  var URL = '/api'
  var fetch = () => { throw new Error('fetch of the page') }
  function setTimeout() { throw new Error('setTimeout of the page') }
  function getComputedStyle() { throw new Error('getComputedStyle of the page') }
  class Map {}
  class WeakMap {}
  const Promise = { resolve: () => 'ready' }
  const Error = 'error'
  let Math = { max: 'm', min: 'm', round: 'r' }
  let TextEncoder, AbortController, URLSearchParams, Number, RegExp, Float32Array, Uint8Array
  navigator.sendBeacon = () => { throw new Error('sendBeacon of the page') }
  performance.now = () => 'late'
  JSON.stringify = () => '{"text":"of the page"}'
  JSON.parse = () => null
</script>`
