import { MAX_ERROR_LENGTH } from '@stillrolling/probe/types'

/** Maximum length of a scrubbed text, in UTF-16 code units. */
export const MAX_SCRUBBED_LENGTH = 200

/** Replaces what was removed. */
const REDACTED = '[…]'

/** What browsers say of an error in a script of another origin (https://html.spec.whatwg.org/#muted-errors). */
const WITHHELD = /^(Uncaught )?Script error\.?$/
const WITHHELD_TEXT =
  'Script error. The browser withholds the text, because the script is of another origin: its tag needs crossorigin, and its server must allow the page (CORS)'
const UNREADABLE_TEXT = 'the page threw a value that has no text'

const SCRIPT_FILE = /\/([\w.-]+\.(?:[cm]?jsx?|tsx?|vue|svelte|html?|css|json|wasm))$/

/** Of an address only the name of a script or page stays, with line and column: `app.js:12:5`. */
const fileOf = (address: string): string => {
  const position = /(?::\d+){1,2}$/.exec(address)?.[0] ?? ''
  const [path = ''] = address.slice(0, address.length - position.length).split(/[?#]/)
  const file = SCRIPT_FILE.exec(path)?.[1]
  // One number alone may be a port.
  return file === undefined ? `${REDACTED}${/:\d+:\d+/.exec(position) ?? ''}` : `${file}${position}`
}

/** Words that no person wrote: base64, hex, UUIDs, hashes. A path is one only if a segment of it is. */
const redactRandom = (run: string): string => {
  const isRandom = (word: string) => word.length >= 20 && /\d/.test(word) && /[a-z]/i.test(word)
  return run.split('/').some(isRandom) ? REDACTED : run
}

/** Applied in this order. On the longest text each takes less than a millisecond, whatever the text is. */
const RULES: readonly (readonly [RegExp, (match: string, ...groups: string[]) => string])[] = [
  [/\b(?:data|mailto|tel):[^\s"'`<>()]+/gi, () => REDACTED],
  [/\b[a-z][a-z\d+.-]*:\/\/[^\s"'`<>()]*/gi, fileOf],
  [/\b(?:blob|filesystem):\S+/gi, () => REDACTED],
  // Query strings and fragments of relative addresses.
  [/[?#&][^\s?#&="'`<>()]+=[^\s"'`<>()]*/g, () => `?${REDACTED}`],
  [/\bbearer [^\s"'`<>()]+/gi, () => `Bearer ${REDACTED}`],
  [
    /((?:token|secret|passw(?:or)?d|pwd|api[-_]?key|authorization|session|signature|cookie)[\w-]*["']?\s?[=:]\s?["']?)[^\s"'`,;)}&]+/gi,
    (_, name) => `${name}${REDACTED}`,
  ],
  [/[^\s"'`<>()[\]{},;:=@]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/gi, () => REDACTED],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, () => REDACTED],
  [/\beyJ[\w-]+(?:\.[\w-]+)*/g, () => REDACTED],
  [/[\w+/=~%-]{20,}/g, redactRandom],
  [/\b(?=[a-f]*\d)[a-f\d]{16,}\b/gi, () => REDACTED],
  [/\d{12,}/g, () => REDACTED],
]

/** At most `MAX_SCRUBBED_LENGTH` long; no surrogate pair is cut in half. */
const truncate = (text: string): string =>
  text.length > MAX_SCRUBBED_LENGTH
    ? `${text.slice(0, MAX_SCRUBBED_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
    : text

/**
 * The text of a script error as it may be stored and shown: one line without addresses, query strings, e-mail addresses,
 * the page's token and whatever looks like a secret. Never empty. Anyone who knows the page's URL can send the text, and
 * the page's own code may have put anything into it, so the probe does not scrub it and the reporter does.
 *
 * @param text as the probe sent it
 * @param token the token of the report
 */
export const scrubErrorText = (text: string, token: string): string => {
  // The probe has cut a text of this length, so its last word may be half a token, which no rule recognises.
  const whole = text.length < MAX_ERROR_LENGTH ? text : text.slice(0, MAX_ERROR_LENGTH).replace(/\S*$/, '…')
  const line = whole
    .toWellFormed()
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
  if (WITHHELD.test(line)) return WITHHELD_TEXT
  const scrubbed = RULES.reduce(
    (scrubbing, [pattern, replace]) => scrubbing.replace(pattern, replace),
    line.replaceAll(token, REDACTED),
  )
  return truncate(scrubbed) || UNREADABLE_TEXT
}
