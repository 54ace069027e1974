import type { AlertMessage } from './alertMessage.ts'

/** An incoming webhook of Slack: `text` in its markup. */
export interface SlackBody {
  text: string
}

const SIGNS: Readonly<Record<AlertMessage['action'], string>> = {
  raise: ':red_circle:',
  clear: ':large_green_circle:',
  test: ':information_source:',
}

/** Slack cuts longer texts. The escaped text may be longer, and is cut only by Slack. */
const MAX_LENGTH = 3900
const MAX_TITLE = 200

/** Cut before it is escaped, so that no `&amp;` is cut in two. */
export const slackBody = ({ action, title, text, installation }: AlertMessage): SlackBody => {
  const [head, rest] = [title.slice(0, MAX_TITLE), text.slice(0, MAX_LENGTH - MAX_TITLE)]
  return {
    text: `${SIGNS[action]} *${escapeMarkup(head)}*\n${escapeMarkup(rest)}\n${escapeMarkup(installation)}`,
  }
}

/** The three characters with a meaning of their own; so nothing that a page says can mention a channel or be a link. */
const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
