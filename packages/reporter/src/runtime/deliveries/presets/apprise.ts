import type { AlertMessage } from './alertMessage.ts'

/** The API of Apprise: `POST /notify/{key}`. */
export interface AppriseBody {
  title: string
  body: string
  type: 'info' | 'success' | 'warning' | 'failure'
  format: 'text'
}

export const appriseBody = ({ action, title, text, severity, installation }: AlertMessage): AppriseBody => ({
  title,
  body: `${text}\n${installation}`,
  type: typeOf(action, severity),
  format: 'text',
})

const typeOf = (action: AlertMessage['action'], severity: AlertMessage['severity']): AppriseBody['type'] => {
  if (action === 'test') return 'info'
  if (action === 'clear') return 'success'
  return severity === 'warning' ? 'warning' : 'failure'
}
