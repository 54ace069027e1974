import { expect, test } from 'vitest'
import { detailsOf, pageOf, testMedia } from './mediaRows.ts'
import { stage } from './stage.ts'

const on = stage()

const AUDIO = '<audio id="ID" autoplay></audio>'
const TONE = `own.audio = new AudioContext()
  own.gain = own.audio.createGain()
  const tone = own.audio.createOscillator()
  const out = own.audio.createMediaStreamDestination()
  tone.connect(own.gain).connect(out)
  tone.start()
  it.srcObject = out.stream`
const SOUND_FILE = "it.src = URL.createObjectURL(new Blob([silence(90)], { type: 'audio/mpeg' }))"
/** Measures the page's sound independently of the probe. */
const MEASURE = `own.analyser = own.audio.createAnalyser()
  own.audio.createMediaStreamSource(it.captureStream()).connect(own.analyser)`
const EXPECT_SOUND = `const samples = new Float32Array(own.analyser.fftSize)
  own.analyser.getFloatTimeDomainData(samples)
  if (Math.max(...samples) < 0.5 || it.paused || it.muted || it.volume < 1) throw new Error('the page has no sound')`
const MUTED = /^is muted$/

testMedia(on, 'media that must have sound', [
  {
    name: 'a tone',
    html: AUDIO,
    play: `${TONE}; ${MEASURE}`,
    expect: { sound: true },
    harm: EXPECT_SOUND,
    mend: EXPECT_SOUND,
  },
  {
    name: 'a tone that falls silent',
    html: AUDIO,
    play: TONE,
    expect: { sound: true },
    harm: 'own.gain.gain.value = 0',
    detail: /^has been silent for 3[01] s$/,
    after: 30,
    mend: 'own.gain.gain.value = 1',
  },
  { name: 'silence without `sound`', html: AUDIO, play: TONE, harm: 'own.gain.gain.value = 0' },
  {
    name: 'a stream, muted',
    html: AUDIO,
    play: TONE,
    expect: { sound: true },
    harm: 'it.muted = true',
    detail: MUTED,
    after: 0,
    mend: 'it.muted = false',
  },
  {
    name: 'a stream, volume 0',
    html: AUDIO,
    play: TONE,
    expect: { sound: true },
    harm: 'it.volume = 0',
    detail: MUTED,
    after: 0,
    mend: 'it.volume = 1',
  },
  // For a file it is known whether sound is decoded, not how loud it is.
  { name: 'a file', html: AUDIO, play: SOUND_FILE, expect: { sound: true } },
  {
    name: 'a file, muted',
    html: AUDIO,
    play: SOUND_FILE,
    expect: { sound: true },
    harm: 'it.muted = true',
    detail: MUTED,
    after: 0,
    mend: 'it.muted = false',
  },
])

const STREAM = 'it.srcObject = own.camera.stream'
/** Another origin than the page's: it serves the video, but without CORS headers, so its pixels are unreadable. */
const FOREIGN = "it.src = location.origin.replace('127.0.0.1', 'localhost') + '/assets/teacher.webm'"
const CANVAS = `own.canvas = document.createElement('canvas')
  own.pen = own.canvas.getContext('2d')
  setInterval(() => own.pen.fillRect(0, 0, own.canvas.width, own.canvas.height), 200)`

/**
 * The warning needs three rounds of samples, and a round of four videos takes five polls: up to 20 s with the one in
 * progress, and longer on a busy machine.
 */
const ROUNDS = { timeout: 45_000 }

test('black pictures, and those too large for the recorder, are warnings', async () => {
  const rows = [
    {
      // A disabled track sends black frames at full rate.
      name: 'disabled',
      play: `own.camera = teacherCamera(); own.call = await call(own.camera.stream); it.srcObject = own.call.stream`,
      harm: 'own.call.near.getSenders()[0].track.enabled = false',
      mend: 'own.call.near.getSenders()[0].track.enabled = true',
    },
    { name: 'bright', play: `own.camera = teacherCamera(); ${STREAM}` },
    {
      name: 'large',
      play: `${CANVAS}; own.canvas.width = 1930; own.canvas.height = 1080; it.srcObject = own.canvas.captureStream(5)`,
    },
    { name: 'foreign', html: '<video id="ID" autoplay muted loop></video>', play: FOREIGN },
  ]
  on.pages.add('warnings', pageOf(rows))
  on.collector.reply = () => ({ interval: 1 })
  const recorded = await on.open('made/warnings')
  const uncaught: Error[] = []
  recorded.page.on('pageerror', (error) => uncaught.push(error))
  const loaded = await recorded.first('loaded', 30_000)
  const warnings = () =>
    recorded
      .reports()
      .at(-1)
      ?.warnings.map(({ name, detail }) => `${name}: ${detail}`)
      .sort()
  const large = "large: 1930×1080 is larger than Agora's recorder supports (1920×1080)"
  await expect.poll(warnings, ROUNDS).toContain(large)

  await recorded.page.evaluate('all("harm")')
  await expect.poll(warnings, ROUNDS).toContain('disabled: its picture is black')
  await recorded.page.evaluate('all("mend")')
  await expect.poll(warnings, ROUNDS).not.toContain('disabled: its picture is black')
  for (const { name } of rows) {
    expect.soft(detailsOf(recorded, name, loaded.at).filter(Boolean), name).toEqual([])
  }
  const named = new Set(recorded.reports().flatMap((report) => report.warnings.map(({ name }) => name)))
  expect([...named].sort()).not.toContain('foreign')
  expect(named).not.toContain('bright')
  expect(uncaught).toEqual([])
})

test('an encoded black picture is black, although its luma is 16', async () => {
  const rows = [
    {
      name: 'drawn',
      play: `own.canvas = document.createElement('canvas')
        own.pen = own.canvas.getContext('2d')
        own.colour = '#c33'
        setInterval(() => {
          own.pen.fillStyle = own.colour
          own.pen.fillRect(0, 0, own.canvas.width, own.canvas.height)
        }, 100)
        own.call = await call(own.canvas.captureStream(10))
        it.srcObject = own.call.stream`,
      harm: "own.colour = '#000'",
      mend: "own.colour = '#c33'",
    },
  ]
  on.pages.add('black', pageOf(rows))
  on.collector.reply = () => ({ interval: 1 })
  const { page, reports, first } = await on.open('made/black')
  await first('loaded', 30_000)
  const warnings = () => reports().at(-1)?.warnings
  await page.evaluate('all("harm")')
  await expect
    .poll(warnings, { timeout: 20_000 })
    .toEqual([{ name: 'drawn', detail: 'its picture is black' }])
  await page.evaluate('all("mend")')
  await expect.poll(warnings, { timeout: 20_000 }).toEqual([])
})
