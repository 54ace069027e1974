import { type MediaRow, testMedia, testNeverPlayed } from './mediaRows.ts'
import { stage } from './stage.ts'

const on = stage()

const FILE = '/assets/teacher.webm'
const LOOP = `<video id="ID" src="${FILE}" autoplay muted loop></video>`
const ONCE = `<video id="ID" src="${FILE}" autoplay muted></video>`
/** Keeps a file from ending before a busy machine has loaded the page. */
const SLOWLY = 'it.playbackRate = 0.25'
const AUDIO = '<audio id="ID" autoplay muted></audio>'
const PLAY_FILE = `it.src = '${FILE}'`

testNeverPlayed(on, 'media that never played', [
  { name: 'a file', html: LOOP },
  {
    name: '404',
    html: '<video id="ID" src="/none.webm" autoplay muted></video>',
    detail: /^media error 4: source not supported/,
    mend: PLAY_FILE,
  },
  {
    name: 'not a video',
    html: '<video id="ID" src="data:video/webm;base64,AAAA" autoplay muted></video>',
    detail: /^media error 4: source not supported/,
    mend: PLAY_FILE,
  },
  { name: 'no source', detail: /^has no source/, mend: PLAY_FILE },
  {
    name: 'no autoplay',
    html: `<video id="ID" src="${FILE}" preload="auto" muted></video>`,
    detail: /^not started \(readyState 4\)/,
    mend: 'await it.play()',
  },
  {
    // Chromium fires no event, and waits forever.
    name: 'too little data to start',
    play: "it.src = '/halting/teacher.webm?bytes=36000&early'",
    detail: /^not started \(readyState 3\)/,
    mend: "await fetch(it.src, { method: 'POST' })",
  },
  {
    name: 'a source that is never fed',
    play: 'await openSource(it)',
    detail: /^not started \(readyState 0\)/,
    mend: `await feed(it, '${FILE}')`,
  },
  {
    name: 'hidden from the start',
    html: LOOP.replace(' loop', ' loop style="display:none"'),
    detail: /^is hidden by CSS/,
    mend: "it.style.display = ''",
  },
  {
    name: 'audio, 404',
    html: '<audio id="ID" src="/none.mp3" autoplay muted></audio>',
    detail: /^media error 4: source not supported/,
    mend: "it.src = URL.createObjectURL(new Blob([silence(60)], { type: 'audio/mpeg' }))",
  },
] satisfies MediaRow[])

testMedia(on, 'files', [
  {
    name: 'a loop that wraps',
    html: LOOP,
    harm: 'it.currentTime = 9; await until(() => it.currentTime < 5)',
  },
  { name: 'paused', html: LOOP, harm: 'it.pause()', detail: /^paused$/, mend: 'await it.play()' },
  {
    name: 'ended',
    html: ONCE,
    play: SLOWLY,
    harm: 'it.currentTime = 9.5; await until(() => it.ended)',
    detail: /^ended$/,
    mend: 'it.playbackRate = 1; it.loop = true; await it.play()',
  },
  {
    name: 'another source that is not there',
    html: ONCE,
    play: SLOWLY,
    harm: "it.src = '/none.webm'; await until(() => it.error)",
    detail: /^media error 4: source not supported/,
    mend: PLAY_FILE,
  },
  {
    name: 'spoilt in the middle',
    play: `const file = new Uint8Array(await (await fetch('${FILE}')).arrayBuffer())
      own.source = await openSource(it)
      own.buffer = own.source.addSourceBuffer('video/webm; codecs="vp8"')
      own.buffer.appendBuffer(file)
      ${SLOWLY}`,
    harm: 'own.buffer.appendBuffer(new Uint8Array(1000).fill(7)); await until(() => it.error)',
    detail: /^media error [34]/,
    mend: PLAY_FILE,
  },
  {
    name: 'the server stops in the middle',
    play: `it.src = '/halting/teacher.webm?bytes=36000&middle'
      // Chromium ignores some calls of play() while it waits for more data. After a seek it may wait for ever.
      while (!it.currentTime) {
        it.load()
        await until(() => it.readyState === 3)
        ${SLOWLY}
        await Promise.race([it.play(), pause(500)])
        await pause(500)
      }`,
    // Frames in transit are still shown.
    harm: `it.playbackRate = 4
      await until(() => it.readyState < 3)
      for (let time = -1; time !== it.currentTime; await pause(200)) time = it.currentTime`,
    detail: /^stalled: no progress for 3 s \(readyState [12]\)/,
    after: 3,
    mend: "it.loop = true; it.playbackRate = 1; await fetch(it.src, { method: 'POST' })",
  },
  { name: 'another source', html: LOOP, harm: `it.src = '${FILE}?2'` },
  { name: 'another element', html: LOOP, harm: 'it.replaceWith(it.cloneNode())' },
  {
    name: 'sound in <video>',
    play: "it.src = URL.createObjectURL(new Blob([silence(60)], { type: 'audio/mpeg' }))",
  },
  {
    name: 'sound in <video>, ended',
    play: "it.src = URL.createObjectURL(new Blob([silence(20)], { type: 'audio/mpeg' }))",
    harm: 'it.currentTime = 19; await until(() => it.ended)',
    detail: /^ended$/,
    mend: 'it.loop = true; await it.play()',
  },
  {
    name: 'audio',
    html: AUDIO,
    play: "it.src = URL.createObjectURL(new Blob([silence(60)], { type: 'audio/mpeg' }))",
  },
])

const MSE_AUDIO = `const source = await openSource(it)
  own.sound = source.addSourceBuffer('audio/mpeg')`

testMedia(on, 'media fed by hand', [
  { name: 'fed', play: `own.feed = await feed(it, '${FILE}')` },
  {
    name: 'starving',
    play: `own.feed = await feed(it, '${FILE}')`,
    harm: 'own.feed.stop(); await until(() => it.readyState < 3)',
    detail: /^stalled: no progress for 3 s \(readyState [12]\)/,
    after: 3,
    mend: 'own.feed.go()',
  },
  {
    name: 'audio, starving',
    html: AUDIO,
    play: `${MSE_AUDIO}
      own.sound.appendBuffer(silence(5))`,
    // Frames in transit are still shown.
    harm: `await until(() => it.readyState < 3)
      for (let time = -1; time !== it.currentTime; await pause(200)) time = it.currentTime`,
    detail: /^stalled: no progress for 3 s/,
    after: 3,
    mend: 'own.sound.appendBuffer(silence(60))',
  },
  {
    name: 'frozen: the picture ends before the sound',
    play: `${MSE_AUDIO}
      const picture = source.addSourceBuffer('video/webm; codecs="vp8"')
      own.sound.appendBuffer(silence(60))
      picture.appendBuffer(await (await fetch('${FILE}')).arrayBuffer())
      await until(() => !own.sound.updating && !picture.updating)
      source.endOfStream()`,
    harm: 'it.currentTime = 9; await until(() => it.currentTime > 10)',
    detail: /^frozen: time advances, but no new frame for 5 s/,
    after: 5,
    mend: 'it.currentTime = 0',
  },
  {
    name: 'a hole in the picture',
    play: `${MSE_AUDIO}
      const picture = source.addSourceBuffer('video/webm; codecs="vp8"')
      const file = await (await fetch('${FILE}')).arrayBuffer()
      own.sound.appendBuffer(silence(60))
      picture.appendBuffer(file)
      await until(() => !own.sound.updating && !picture.updating)
      picture.timestampOffset = 20
      picture.appendBuffer(file)`,
    harm: 'it.currentTime = 9; await until(() => it.currentTime > 9.9)',
    detail: /^frozen: time advances, but no new frame for 5 s/,
    after: 5,
    mend: 'it.currentTime = 21',
  },
])
