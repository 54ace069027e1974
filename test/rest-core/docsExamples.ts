import {
  AuthenticationError,
  type CloudRecording,
  CloudRecordingError,
  confirmStarted,
  createCloudRecording,
  createQuota,
  fileNames,
  parseNotification,
  startRecording,
  stopUntilConfirmed,
  type TaskAddress,
  verifySignature,
  type WebStartRequest,
  watch,
} from '@stillrolling/rest-core'

// The examples of docs/rest-core.md. Each stands there as it stands here, between its two marks, and
// docsExamples.test.ts runs it and compares the two.

interface Credentials {
  appId: string
  customerId: string
  customerSecret: string
}

export const createExample = (credentials: Credentials, fetch: typeof globalThis.fetch): CloudRecording => {
  const { appId, customerId, customerSecret } = credentials
  // example: create
  const quota = createQuota({ perSecond: 10 })

  const client = createCloudRecording({
    appId,
    customerId,
    customerSecret,
    area: 'EU',
    quota,
    fetch,
    log: ({ level, message }) => level === 'warn' && console.warn(message),
  })
  // end
  return client
}

export const shareExample = (credentials: Credentials): CloudRecording => {
  // example: share
  const quota = createQuota({ perSecond: 10 }).share(2)
  const client = createCloudRecording({ ...credentials, quota })
  // end
  return client
}

interface Storage {
  accessKey: string
  secretKey: string
}

export const requestExample = ({ accessKey, secretKey }: Storage): WebStartRequest => {
  // example: request
  const clientRequest: WebStartRequest = {
    storageConfig: {
      vendor: 1,
      region: 0,
      bucket: 'recordings',
      accessKey,
      secretKey,
      fileNamePrefix: ['class42'],
    },
    recordingFileConfig: { avFileType: ['hls', 'mp4'] },
    extensionServiceConfig: {
      errorHandlePolicy: 'error_abort',
      extensionServices: [
        {
          serviceName: 'web_recorder_service',
          errorHandlePolicy: 'error_abort',
          serviceParam: {
            url: 'https://app.example.com/room/42',
            audioProfile: 0,
            videoWidth: 1280,
            videoHeight: 720,
            maxRecordingHour: 3,
          },
        },
      ],
    },
  }
  // end
  return clientRequest
}

interface Rows {
  save(row: object): Promise<void>
}

export const startExample = async (
  client: CloudRecording,
  clientRequest: WebStartRequest,
  rows: Rows,
): Promise<TaskAddress | undefined> => {
  // example: start
  const result = await startRecording(client, {
    cname: 'class42',
    uid: '900001',
    clientRequest,
    onResource: (resourceId, acquiredAt) => rows.save({ resourceId, acquiredAt }),
  })

  switch (result.outcome) {
    case 'started':
      return { resourceId: result.resourceId, sid: result.sid, mode: 'web' }
    case 'running':
    case 'unknown':
      // Run again with { resourceId, acquiredAt }, or wait for a notification with this cname and uid.
      await rows.save(result)
      return undefined
    case 'notStarted':
      throw result.error
  }
  // end
}

export const confirmExample = async (client: CloudRecording, task: TaskAddress): Promise<string[]> => {
  const seen: string[] = []
  // example: confirm
  const { outcome } = await confirmStarted(client, task)
  if (outcome === 'confirmed') {
    for await (const observation of watch(client, task, { interval: 120 })) {
      seen.push(observation.kind)
      if (observation.kind === 'alive' && observation.files.length > 0) break
    }
  }
  // end
  return [outcome, ...seen]
}

export const stopExample = async (client: CloudRecording, task: TaskAddress): Promise<string> => {
  // example: stop
  const stopped = await stopUntilConfirmed(client, {
    ...task,
    cname: 'class42',
    uid: '900001',
    clientRequest: { async_stop: true },
  })
  if (stopped.outcome === 'unconfirmed') console.warn('it may still run', stopped.error)
  // end
  return stopped.outcome
}

export const filesExample = (sid: string): string[] => {
  // example: files
  const names = fileNames({ mode: 'web', sid, cname: 'room#42', fileNamePrefix: ['class42'] })
  return [names.playlist, names.mp4(0)]
  // end
}

export const errorsExample = async (client: CloudRecording, task: TaskAddress): Promise<string> => {
  // example: errors
  try {
    await client.query(task)
  } catch (error) {
    if (!(error instanceof CloudRecordingError)) throw error
    if (error instanceof AuthenticationError) return 'the customer id or secret is wrong'
    const { call, status, code, verdict, host, tries } = error
    return `${call} on ${host}: ${status}/${code} is ${verdict.meaning}, after ${tries} tries`
  }
  // end
  return 'no error'
}

export const notificationExample = async (request: Request, secrets: string[]): Promise<Response> => {
  // example: notification
  const body = new Uint8Array(await request.arrayBuffer())
  if (!verifySignature({ body, headers: request.headers, secrets })) {
    return Response.json({ error: 'signature' }, { status: 401 })
  }
  const notification = parseNotification(JSON.parse(new TextDecoder().decode(body)))
  if (notification.name === 'web_recorder_stopped') {
    console.info('stopped with code', notification.payload.details.code)
  }
  return Response.json({ ok: true })
  // end
}
