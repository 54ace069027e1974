import { type CloudRecording, CloudRecordingError, type Trouble, troubleOf } from '@stillrolling/rest-core'
import type { Acceptance } from './acceptance.ts'

/** A client whose calls say whether Agora is reached and accepts the account. */
export const observeAgora = (
  agora: CloudRecording,
  acceptance: Pick<Acceptance, 'accepted' | 'refused'>,
): CloudRecording => {
  const observed =
    <Parameters extends unknown[], Answer>(call: (...parameters: Parameters) => Promise<Answer>) =>
    async (...parameters: Parameters): Promise<Answer> => {
      try {
        const answer = await call(...parameters)
        acceptance.accepted()
        return answer
      } catch (error) {
        if (error instanceof CloudRecordingError && error.tries > 0) note(error, acceptance)
        throw error
      }
    }
  return {
    ...agora,
    acquire: observed(agora.acquire),
    start: observed(agora.start),
    query: observed(agora.query) as CloudRecording['query'],
    update: observed(agora.update),
    updateLayout: observed(agora.updateLayout),
    stop: observed(agora.stop) as CloudRecording['stop'],
  }
}

/** What the answer to a failed call says. An answer of Agora's service shows that it is reached. */
const SAYS: Readonly<Record<Trouble, 'accepted' | 'refused' | 'nothing'>> = {
  request: 'accepted',
  account: 'refused',
  way: 'refused',
  service: 'accepted',
  capacity: 'accepted',
  task: 'accepted',
  caller: 'nothing',
}

const note = (error: CloudRecordingError, acceptance: Pick<Acceptance, 'accepted' | 'refused'>): void => {
  const says = SAYS[troubleOf(error)]
  if (says === 'accepted') acceptance.accepted()
  if (says === 'refused') acceptance.refused(describe(error))
}

/** Without Agora's text, which may quote the request: `/readyz` needs no key. */
const describe = ({ call, status, code, fault, verdict }: CloudRecordingError): string => {
  const answer =
    status === undefined
      ? `no answer (${fault})`
      : `HTTP ${status}${code === undefined ? '' : ` code ${code}`}`
  return `${call}: ${answer}, ${verdict.meaning}`
}
