import { expect, test } from 'vitest'
import { type FakeClock, fakeClock } from '../testing/fakeClock.ts'
import { createPictureRepeater, type PictureRepeater } from './pictureRepeater.ts'

const START = Date.UTC(2026, 0, 1)

interface Setup {
  clock: FakeClock
  repeater: PictureRepeater
  /** The frames written, each as the text of its picture. */
  frames: string[]
  /** How many further frames the sink takes. */
  setRoom(frames: number): void
}

const setUp = (room = Number.POSITIVE_INFINITY): Setup => {
  const clock = fakeClock(START)
  const frames: string[] = []
  let left = room
  const repeater = createPictureRepeater({
    clock,
    fps: 10,
    sink: {
      full: () => left === 0,
      write: (picture) => {
        left -= 1
        frames.push(picture.toString())
      },
      drained: async () => {
        left = room
      },
    },
  })
  return {
    clock,
    repeater,
    frames,
    setRoom: (next) => {
      left = next
    },
  }
}

const show = ({ repeater }: Setup, text: string) => repeater.show(Buffer.from(text))

test('a picture is repeated at the frame rate until the next one', async () => {
  const setup = setUp()
  show(setup, 'a')
  setup.repeater.start()
  await setup.clock.advance(0.3)
  show(setup, 'b')
  await setup.clock.advance(0.2)
  expect(setup.frames.join('')).toBe('aaabb')
})

test('the first picture stands in for the time before it', async () => {
  const setup = setUp()
  setup.repeater.start()
  await setup.clock.advance(0.4)
  expect(setup.frames).toEqual([])
  show(setup, 'a')
  await setup.clock.advance(0.1)
  expect(setup.frames).toHaveLength(5)
})

test('no frame is written while paused, and the time of later ones tells of the pause', async () => {
  const setup = setUp()
  show(setup, 'a')
  setup.repeater.start()
  await setup.clock.advance(1)
  setup.repeater.pause()
  await setup.clock.advance(60)
  expect(setup.frames).toHaveLength(10)
  setup.repeater.start()
  await setup.clock.advance(0.5)
  expect(setup.frames).toHaveLength(15)
  const { timeOf } = setup.repeater
  expect([0, 0.9, 1, 1.5].map((seconds) => timeOf(seconds) - START)).toEqual([0, 900, 61_000, 61_500])
})

test('a slow sink gets all frames that were due, later', async () => {
  const setup = setUp(2)
  show(setup, 'a')
  setup.repeater.start()
  await setup.clock.advance(1)
  expect(setup.frames).toHaveLength(2)
  setup.setRoom(100)
  await setup.clock.advance(0.1)
  expect(setup.frames).toHaveLength(11)
})

test('finish writes what is due until then, as fast as the sink takes it, and no more', async () => {
  const setup = setUp(2)
  show(setup, 'a')
  setup.repeater.start()
  await setup.clock.advance(0.5)
  expect(await setup.repeater.finish()).toBe(5)
  await setup.clock.advance(10)
  expect(setup.frames).toHaveLength(5)
})

test('finish gives up on a sink that takes nothing more', async () => {
  const setup = setUp(0)
  show(setup, 'a')
  setup.repeater.start()
  await setup.clock.advance(0.5)
  expect(await setup.repeater.finish()).toBe(0)
})

test('without any picture nothing is written', async () => {
  const setup = setUp()
  setup.repeater.start()
  await setup.clock.advance(5)
  expect(await setup.repeater.finish()).toBe(0)
})

test('after stop nothing is written', async () => {
  const setup = setUp()
  show(setup, 'a')
  setup.repeater.start()
  setup.repeater.stop()
  await setup.clock.advance(5)
  expect(setup.frames).toEqual([])
})
