import { expect } from 'vitest'

/** Starts a task at an emulator with default settings, so that it starts its browser. The page is the emulator's own. */
export const startTask = async (url: string): Promise<void> => {
  const headers = {
    authorization: `Basic ${Buffer.from('emulator:emulator').toString('base64')}`,
    'content-type': 'application/json',
  }
  const call = async (path: string, body: unknown): Promise<{ resourceId?: string }> => {
    const answer = await fetch(`${url}/v1/apps/emulator/cloud_recording${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    expect(answer.status, await answer.clone().text()).toBeLessThan(300)
    return (await answer.json()) as { resourceId?: string }
  }
  const channel = { cname: 'class42', uid: '1' }
  const { resourceId } = await call('/acquire', { ...channel, clientRequest: { scene: 1 } })
  const size = { videoWidth: 640, videoHeight: 360 }
  const serviceParam = { url: `${url}/`, audioProfile: 0, maxRecordingHour: 1, ...size }
  await call(`/resourceid/${resourceId}/mode/web/start`, {
    ...channel,
    clientRequest: {
      storageConfig: { vendor: 1, region: 0, bucket: 'b', accessKey: 'a', secretKey: 's' },
      extensionServiceConfig: { extensionServices: [{ serviceName: 'web_recorder_service', serviceParam }] },
    },
  })
}
