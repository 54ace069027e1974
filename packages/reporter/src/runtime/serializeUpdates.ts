import type { CloudRecording } from '@stillrolling/rest-core'
import { createSerial } from './serial.ts'

/** A client whose updates of one task wait for each other, as Agora requires: a pause, and a refresh of credentials. */
export const serializeUpdates = (agora: CloudRecording): CloudRecording => {
  const inOrder = createSerial()
  return {
    ...agora,
    update: (request, options) => inOrder(request.sid, () => agora.update(request, options)),
  }
}
