/** The groups of the API, with what they are for. */
export const TAGS: readonly [name: string, description: string][] = [
  ['Recordings', 'Start, read, change and stop recordings, and read their history.'],
  ['Jobs', 'Stop, pause, resume or restart many recordings together.'],
  ['Deliveries', 'What the reporter sends to business servers and people: list it, and send it again.'],
  ['Destinations', 'Where deliveries are sent to: what waits for each, pause and resume.'],
  ['Keys', 'Who may call the API.'],
  ['Reporter', 'How the reporter itself is, and its backup.'],
  ['Webhooks', 'What a destination with the preset `standard` receives, signed as Standard Webhooks has it.'],
]
