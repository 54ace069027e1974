import type { Logger } from 'pino'
import type { Destination } from '../../destinations.ts'
import type { ClaimedDelivery, DeliveryResult, DeliveryTry } from '../../store/deliveryOperations.ts'
import type { Store, StoreOperations } from '../../store/store.ts'
import type { Clock } from '../clock.ts'
import type { Gate } from './gate.ts'
import { nextTryAt } from './nextTry.ts'
import type { Outbox } from './outbox.ts'
import { render } from './presets/render.ts'
import type { Send } from './send.ts'
import { judge, type SendResult, type Verdict } from './verdict.ts'

/** Sends the deliveries of one destination, and stores what came of it. */
export interface Tries {
  /** Never rejects: a delivery whose result cannot be stored is sent again after its lease. */
  run(delivery: ClaimedDelivery): Promise<void>
}

export interface TriesOptions {
  store: Store
  clock: Clock
  log: Logger
  outbox: Outbox
  send: Send
  destination: Destination
  gate: Gate
  random?: () => number
}

/** Deliveries about deliveries: that one of them is given up is told to none, or it would never end. */
const isAboutDeliveries = (type: string): boolean => type.startsWith('delivery.')

export const createTries = (options: TriesOptions): Tries => {
  const { store, clock, log, outbox, send, destination, gate, random = Math.random } = options
  const { name } = destination
  /** Since the process has started. What an earlier one could not send may wait for hours. */
  let hasAnswered = false

  const trySending = async (delivery: ClaimedDelivery): Promise<SendResult> => {
    const { headers, body } = render(destination, delivery, clock.now())
    return send({ url: destination.url, headers, body })
  }

  const resultOf = (
    { recordingId, tries, firstTriedAt, redelivered }: ClaimedDelivery,
    { verdict, lastTry, startedAt }: { verdict: Verdict; lastTry: DeliveryTry; startedAt: number },
  ): DeliveryResult => {
    if (verdict.outcome === 'delivered') return { state: 'delivered', lastTry }
    if (verdict.outcome === 'refused') return { state: 'failed', lastTry }
    const { kind, retryAfterMs } = verdict
    const failed = { tries: tries + 1, kind, retryAfterMs, random: random() }
    if (kind !== 'rejected') {
      const wasDown = gate.isDown()
      gate.failed(kind, { recordingId, startedAt, elapsed: clock.elapsed(), retryAfterMs })
      if (gate.isDown() && !wasDown) {
        log.warn({ destination: name, why: verdict.why }, `Destination ${name} is down, and is probed`)
      }
    }
    const at = nextTryAt({
      ...failed,
      redelivered,
      now: clock.now(),
      firstTriedAt: firstTriedAt ?? lastTry.at,
    })
    return at === null ? { state: 'failed', lastTry } : { state: 'pending', retryAt: at, lastTry }
  }

  /** Told once, until the destination accepts a delivery again. */
  const giveUp = async (
    operations: StoreOperations,
    { id, type, redelivered }: ClaimedDelivery,
    why: string,
  ) => {
    log.error({ destination: name, deliveryId: id, type, why }, `A delivery to ${name} is given up: ${why}`)
    const stored = await readDestination(operations, name)
    if (stored.failingSince !== null || redelivered || isAboutDeliveries(type)) return
    await operations.saveDestination({ ...stored, failingSince: clock.now() })
    const message = `A delivery to ${name} is given up: ${why}. It can be sent again: POST /v1/deliveries/redeliver`
    const reason = { code: 'delivery_exhausted', message, evidence: {} }
    await outbox.write(
      operations,
      { type: 'delivery.exhausted', reason, destination: { name }, delivery: { id, type } },
      { now: clock.now(), to: (other) => other !== name },
    )
  }

  const recover = async (operations: StoreOperations): Promise<void> => {
    const stored = await readDestination(operations, name)
    if (stored.failingSince === null) return
    await operations.saveDestination({ ...stored, failingSince: null })
    await outbox.write(
      operations,
      { type: 'delivery.recovered', destination: { name } },
      { now: clock.now(), to: (other) => other !== name },
    )
  }

  const hasten = async (): Promise<void> => {
    const wasDown = gate.answered()
    if (wasDown) log.info({ destination: name }, `Destination ${name} answers again`)
    if (wasDown || !hasAnswered) await store.hastenDeliveries(name, clock.now())
    hasAnswered = true
  }

  const runOnce = async (delivery: ClaimedDelivery): Promise<void> => {
    const [at, startedAt] = [clock.now(), clock.elapsed()]
    const sentAt = performance.now()
    const answer = await trySending(delivery)
    const verdict = judge(answer, clock.now())
    const lastTry: DeliveryTry = {
      at,
      durationMs: Math.round(performance.now() - sentAt),
      status: answer.kind === 'answer' ? answer.status : null,
      answer: answer.kind === 'answer' ? answer.body : null,
      error: verdict.outcome === 'delivered' ? null : verdict.why,
    }
    const result = resultOf(delivery, { verdict, lastTry, startedAt })
    await store.transaction(async (operations) => {
      if (!(await operations.settleDelivery(delivery, result, clock.now()))) return
      if (result.state === 'failed') await giveUp(operations, delivery, lastTry.error ?? '')
      if (result.state === 'delivered') await recover(operations)
    })
    const isAnswered = verdict.outcome !== 'failed' || verdict.kind === 'rejected'
    if (isAnswered) await hasten()
  }

  return {
    run: async (delivery) => {
      try {
        await runOnce(delivery)
      } catch (err) {
        const fields = { err, destination: name, deliveryId: delivery.id }
        log.error(fields, 'the result of a delivery could not be stored, will send it again')
      }
    },
  }
}

const readDestination = async (operations: StoreOperations, name: string) =>
  (await operations.readDestinations()).find((each) => each.name === name) ?? {
    ...{ name, pausedAt: null, failingSince: null },
  }
