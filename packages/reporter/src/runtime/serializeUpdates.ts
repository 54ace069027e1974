import type { CloudRecording } from '@stillrolling/rest-core'
import { createSerial } from './serial.ts'

/**
 * A client whose updates of one task wait for each other, as Agora requires: a pause, a change of the layout, a
 * refresh of credentials.
 */
export const serializeUpdates = (agora: CloudRecording): CloudRecording => {
  const inOrder = createSerial()
  return {
    ...agora,
    update: (request, options) => inOrder(request.sid, () => agora.update(request, options)),
    updateLayout: (request, options) => inOrder(request.sid, () => agora.updateLayout(request, options)),
  }
}
