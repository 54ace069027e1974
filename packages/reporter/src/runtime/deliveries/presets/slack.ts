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

/** Slack cuts longer texts. */
const MAX_LENGTH = 4000

export const slackBody = ({ action, title, text }: AlertMessage): SlackBody => ({
  text: `${SIGNS[action]} *${escapeMarkup(title)}*\n${escapeMarkup(text)}`.slice(0, MAX_LENGTH),
})

/** The three characters with a meaning of their own; so nothing that a page says can mention a channel or be a link. */
const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
