import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { DELIVERY_SCHEMAS } from '../../runtime/deliveries/deliveryBody.ts'
import {
  DELIVERY_TYPE_NAMES,
  DELIVERY_TYPES,
  type DeliveryType,
} from '../../runtime/deliveries/deliveryTypes.ts'
import { PROBE_DELAYS } from '../../runtime/deliveries/gate.ts'
import { RETRY_DELAYS } from '../../runtime/deliveries/nextTry.ts'
import { signatureHeaders } from '../../signatureHeaders.ts'
import { DELIVERY_SECRET } from '../../testing/receiver.ts'

const PAGE = readFileSync(new URL('../../../../../docs/deliveries.md', import.meta.url), 'utf8')

/** The rows of a section's table number `index`. */
const rowsOf = (heading: string, index = 0): string[][] => {
  const [, section = ''] = PAGE.split(`\n${heading}\n`)
  const tables = (section.split(/\n## /)[0] ?? '').match(/(^\|.*\n?)+/gm) ?? []
  const [, , ...rows] = (tables[index] ?? '').trim().split('\n')
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

const SAME_IN_ALL = ['type', 'id', 'time', 'sequence']

interface JsonSchema {
  properties?: Record<string, unknown>
  $defs?: Record<string, JsonSchema>
}

const fieldsOf = (type: DeliveryType): string[] => {
  const { $defs = {}, ...json } = z.toJSONSchema(DELIVERY_SCHEMAS[type]) as JsonSchema
  const [{ properties = {} } = {}] = [json, ...Object.values($defs)].filter(
    (each) => each.properties && 'sequence' in each.properties,
  )
  return Object.keys(properties).filter((name) => !SAME_IN_ALL.includes(name))
}

describe('docs/deliveries.md', () => {
  test('has every type with its meaning and its fields', () => {
    const expected = DELIVERY_TYPE_NAMES.map((type) => [
      `\`${type}\``,
      DELIVERY_TYPES[type],
      fieldsOf(type)
        .map((name) => `\`${name}\``)
        .join(', '),
    ])
    expect(rowsOf('## Types')).toEqual(expected)
  })

  test('explains every field', () => {
    const explained = rowsOf('## Types', 1).flatMap(([names = '']) => names.match(/\w+/g) ?? [])
    const all = DELIVERY_TYPE_NAMES.flatMap(fieldsOf)
    expect(explained.toSorted()).toEqual([...new Set(all)].toSorted())
  })

  test('has the delays of retries and probes', () => {
    expect(RETRY_DELAYS).toEqual([5, 60, 300, 1800, 7200, 18_000, 36_000])
    expect(PAGE).toContain('5 s, 1, 5 and 30 min, 2, 5, 10, 10 … h (±20 %)')
    expect(PROBE_DELAYS).toEqual([5, 10, 20, 40, 60, 120, 300])
    expect(PAGE).toMatch(/after 5, 10, 20, 40 s, 1, 2\s+and then every 5 min/)
  })

  test('shows a body that fits its schema', () => {
    const [, text = ''] = /```json\n(\{\n {2}"type"[\s\S]*?)```/.exec(PAGE) ?? []
    const body = JSON.parse(text) as Record<string, unknown>
    expect(DELIVERY_SCHEMAS['recording.unhealthy'].parse(body)).toEqual(body)
  })
})

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

interface RunningReceiver {
  /** @returns the status; undefined if it is not reached */
  post(headers: Record<string, string>, body: string): Promise<number | undefined>
  output(): string
}

/** Runs a receiver of the page until the test ends. */
const runReceiver = async (command: string, flags: string[], language: string): Promise<RunningReceiver> => {
  const [, code = ''] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(PAGE) ?? []
  const port = await freePort()
  const env = { PATH: process.env.PATH, PORT: String(port), DELIVERY_SECRET }
  const child = spawn(command, [...flags, code], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const post: RunningReceiver['post'] = async (headers, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body }).catch(
      () => undefined,
    )
    return answer?.status
  }
  await expect.poll(() => post({}, '{}'), { timeout: 15_000 }).toBe(401)
  return { post, output: () => output }
}

const RECEIVERS: [name: string, command: string, flags: string[], language: string][] = [
  ['Node', process.execPath, ['--input-type=module', '-e'], 'js'],
  ['Python', 'python3', ['-c'], 'python'],
]
/** Python is not needed for anything else here. */
const isInstalled = (command: string): boolean => spawnSync(command, ['--version']).status === 0

test.each(RECEIVERS.filter(([, command]) => isInstalled(command)))(
  'the receiver for %s accepts what is signed, and nothing else',
  async (_name, command, flags, language) => {
    const receiver = await runReceiver(command, flags, language)
    const body = JSON.stringify({
      ...{ type: 'recording.failed', id: 'dlv_1' },
      recording: { id: 'Straße' },
      reason: { message: 'gone' },
    })
    const seconds = Math.floor(Date.now() / 1000)
    const signed = (secrets: string[], at = seconds) =>
      signatureHeaders({ id: 'dlv_1', seconds: at, body }, secrets)
    const other = `whsec_${Buffer.alloc(32, 'other').toString('base64')}`
    expect(await receiver.post(signed([DELIVERY_SECRET]), body)).toBe(204)
    expect(await receiver.post(signed([other, DELIVERY_SECRET]), body), 'a rotation').toBe(204)
    expect(await receiver.post(signed([other]), body)).toBe(401)
    expect(await receiver.post(signed([DELIVERY_SECRET]), `${body} `)).toBe(401)
    expect(await receiver.post(signed([DELIVERY_SECRET], seconds - 3600), body), 'a replay').toBe(401)
    expect(await receiver.post({ ...signed([DELIVERY_SECRET]), 'webhook-timestamp': 'now' }, body)).toBe(401)
    await expect.poll(receiver.output).toMatch(/^recording\.failed Straße.*\n$/)
  },
)
