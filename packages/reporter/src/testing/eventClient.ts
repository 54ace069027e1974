import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { onTestFinished } from 'vitest'
import type { EventView } from '../http/events/eventView.ts'
import { SECRETS } from './harness.ts'

/** A client of `GET /v1/events` over a connection of its own. */
export interface EventClient {
  /** All events so far, without comments and blocks without data. */
  readonly events: ReceivedEvent[]
  readonly response: IncomingMessage
  /** The whole text so far. */
  text(): string
  /** As a browser keeps it. */
  lastEventId(): string
  /** Waits until so many events have come. */
  until(count: number): Promise<void>
  /** Waits until the stream ends, however it does. */
  ended(): Promise<void>
  close(): void
}

export interface ReceivedEvent {
  id: number
  event: string
  data: EventView
}

/** @param url with its query */
export const openEvents = async (url: string, lastEventId?: string): Promise<EventClient> => {
  const headers = {
    authorization: `Bearer ${SECRETS.apiKey}`,
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  }
  const request = get(url, { headers, agent: false })
  onTestFinished(() => void request.destroy())
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const events: ReceivedEvent[] = []
  let text = ''
  let rest = ''
  let last = ''
  let notify = (): void => {}
  const take = (block: string): void => {
    const fields = new Map(
      block.split('\n').map((line): [string, string] => {
        const [name = '', ...value] = line.split(': ')
        return [name, value.join(': ')]
      }),
    )
    last = fields.get('id') ?? last
    const data = fields.get('data')
    if (data === undefined) return
    events.push({ id: Number(last), event: fields.get('event') ?? '', data: JSON.parse(data) as EventView })
  }
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    blocks.forEach(take)
    notify()
  })
  const closed = new Promise<void>((resolve) => {
    response.once('close', resolve).on('error', () => {})
    request.on('error', () => {})
  })
  return {
    events,
    response,
    text: () => text,
    lastEventId: () => last,
    until: async (count) => {
      while (events.length < count) {
        await new Promise<void>((resolve) => {
          notify = resolve
        })
      }
    },
    ended: () => closed,
    close: () => void request.destroy(),
  }
}
