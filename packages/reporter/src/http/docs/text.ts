import { html } from 'hono/html'

/** Escaped markup. */
export type Html = ReturnType<typeof html>

/** A description: what is between backticks is code. */
export const inline = (text = ''): Html[] =>
  text.split('`').map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))

/** A description whose paragraphs are separated by empty lines. */
export const paragraphs = (text = ''): Html[] =>
  text
    .split(/\n{2,}/)
    .filter((each) => each !== '')
    .map((each) => html`<p>${inline(each)}</p>`)

export const joined = (parts: readonly Html[], separator: string): (Html | string)[] =>
  parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]))

/** For identifiers of elements. */
export const slug = (text: string): string => encodeURIComponent(text.toLowerCase().replaceAll(/\s+/g, '-'))
