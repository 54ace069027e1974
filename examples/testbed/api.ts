import type { RecordingSummary, RecordingView, TimelineView } from '@stillrolling/reporter'

/** The reporter's API as a business server calls it. A refused call rejects with the reporter's problem document. */
export interface RecordingApi {
  create(body: Record<string, unknown>): Promise<RecordingView>
  get(id: string): Promise<RecordingView>
  /** All recordings, newest first. */
  list(): Promise<RecordingSummary[]>
  timeline(id: string, after: number): Promise<TimelineView[]>
  /** Changes a channel's layout, or whose streams are recorded. */
  change(id: string, changes: Record<string, unknown>): Promise<RecordingView>
  stop(id: string): Promise<RecordingView>
  restart(id: string): Promise<RecordingView>
  pause(id: string): Promise<RecordingView>
  resume(id: string): Promise<RecordingView>
}

interface RecordingPage {
  items: RecordingSummary[]
  next: string | null
}

export const createApi = (reporterUrl: string, apiKey: string): RecordingApi => {
  const call = async <T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${reporterUrl}/v1/recordings${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    })
    if (!answer.ok)
      throw new Error(`${method} /v1/recordings${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  return {
    create: (body) => call('POST', '', body),
    get: (id) => call('GET', `/${id}`),
    list: async () => {
      const recordings: RecordingSummary[] = []
      for (let next: string | null = ''; next !== null; ) {
        const before: string = next === '' ? '' : `&before=${next}`
        const page: RecordingPage = await call('GET', `?limit=500${before}`)
        recordings.push(...page.items)
        next = page.next
      }
      return recordings
    },
    timeline: async (id, after) =>
      (await call<{ items: TimelineView[] }>('GET', `/${id}/timeline?after=${after}`)).items,
    change: (id, changes) => call('PATCH', `/${id}`, changes),
    stop: (id) => call('POST', `/${id}/stop`),
    restart: (id) => call('POST', `/${id}/restart`),
    pause: (id) => call('POST', `/${id}/pause`),
    resume: (id) => call('POST', `/${id}/resume`),
  }
}
