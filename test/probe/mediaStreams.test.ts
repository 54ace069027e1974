import { testMedia } from './mediaRows.ts'
import { stage } from './stage.ts'

const on = stage()

const CALL = `own.camera = teacherCamera()
  own.call = await call(own.camera.stream)
  it.srcObject = own.call.stream`
const SENDER = 'const [sender] = own.call.near.getSenders()'
const STILL = /^no frames: no progress for 10 s \(readyState 4\)/

// A source that stands still, a sender without a track and a sender that is gone are indistinguishable: no event and no
// state shows any of them, only the counters do.
testMedia(on, 'calls', [
  { name: 'well', play: CALL },
  { name: 'its picture stands', play: CALL, harm: 'own.camera.stop()', detail: STILL, after: 10 },
  { name: 'its picture may stand', play: CALL, expect: { static: true }, harm: 'own.camera.stop()' },
  {
    name: 'its sender sends nothing',
    play: CALL,
    harm: `${SENDER}; own.track = sender.track; await sender.replaceTrack(null)`,
    detail: STILL,
    after: 10,
    mend: `${SENDER}; await sender.replaceTrack(own.track)`,
  },
  {
    name: 'its sender is gone',
    play: CALL,
    harm: 'own.call.near.close()',
    detail: STILL,
    after: 10,
    mend: CALL,
  },
  {
    name: 'it is hung up here',
    play: CALL,
    harm: 'own.call.far.close()',
    detail: /^its track has ended$/,
    mend: CALL,
  },
  {
    name: 'its track is taken away',
    play: CALL,
    harm: `${SENDER}; own.call.near.removeTrack(sender); await negotiate(own.call.near, own.call.far)
      await until(() => own.call.stream.getTracks()[0].muted)`,
    detail: /^its track is muted: no progress for 10 s/,
    after: 10,
    mend: CALL,
  },
])

const CAMERA = `own.camera = teacherCamera()
  it.srcObject = own.camera.stream`

testMedia(on, 'streams of the page itself', [
  {
    name: 'sound in <video>',
    play: `own.audio = new AudioContext()
      const output = own.audio.createMediaStreamDestination()
      own.tone = own.audio.createOscillator()
      own.tone.connect(output)
      own.tone.start()
      it.srcObject = output.stream`,
  },
  { name: 'well', play: CAMERA },
  {
    name: 'its picture stands',
    play: CAMERA,
    expect: { stall: 3 },
    harm: 'own.camera.stop()',
    detail: /^no frames: no progress for 3 s/,
    after: 3,
  },
  {
    name: 'its only track is stopped',
    play: CAMERA,
    harm: 'own.camera.stream.getTracks()[0].stop()',
    detail: /^its track has ended$/,
    mend: CAMERA,
  },
  { name: 'another stream', play: CAMERA, harm: CAMERA },
  {
    name: 'no stream any more',
    play: CAMERA,
    harm: 'it.srcObject = null',
    detail: /^has no source$/,
    mend: CAMERA,
  },
  {
    name: 'taken out of the page, which pauses it',
    play: CAMERA,
    harm: 'const { parentElement } = it; it.remove(); await until(() => it.paused); parentElement.append(it)',
    detail: /^paused$/,
    mend: 'await it.play()',
  },
])
