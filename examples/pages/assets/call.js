/* A call with oneself (WebRTC): what goes out by the near peer comes back by the far one. */

/** Describes a peer with all its addresses, so that none has to be sent after it. */
async function describe(peer) {
  await peer.setLocalDescription()
  while (peer.iceGatheringState !== 'complete') {
    await new Promise((resolve) => peer.addEventListener('icegatheringstatechange', resolve, { once: true }))
  }
  return peer.localDescription
}

/** Lets the two agree on what the near one sends; again whenever that has changed. */
export async function negotiate(near, far) {
  await far.setRemoteDescription(await describe(near))
  await near.setRemoteDescription(await describe(far))
}

/**
 * Sends a stream through a call.
 * @returns {Promise<{ near: RTCPeerConnection, far: RTCPeerConnection, stream: MediaStream }>} `stream` has come through
 */
export async function call(outgoing) {
  const near = new RTCPeerConnection()
  const far = new RTCPeerConnection()
  const stream = new MediaStream()
  far.addEventListener('track', ({ track }) => stream.addTrack(track))
  for (const track of outgoing.getTracks()) near.addTrack(track, outgoing)
  await negotiate(near, far)
  return { near, far, stream }
}
