/** Parts of the example pages: a clock, a board, and a teacher drawn on a canvas, so that no camera is needed. */

/** Default frames per second of the drawn teacher: few, because the demo records six of these pages together. */
const FPS = 12

const BOARD = `
<svg viewBox="0 0 860 560" fill="none" stroke="#f4f1e4" stroke-width="4">
  <path d="M240 360 h160 v-120 z" />
  <path d="M400 340 h-20 v20" stroke-width="2" />
  <path d="M240 360 v160 h160 v-160 M400 360 h120 v-120 h-120" stroke="#9fd3b6" />
  <path d="M400 240 l-120 -160 l-160 120 l120 160" stroke="#e8c37b" />
  <g fill="#f4f1e4" stroke="none" font-size="34" font-family="Georgia, serif">
    <text x="302" y="452">a²</text>
    <text x="444" y="312">b²</text>
    <text x="242" y="232">c²</text>
    <text x="560" y="200" font-size="44">a² + b² = c²</text>
  </g>
</svg>`

/** Adds the board with its drawing to the page. */
export function showBoard() {
  const board = document.createElement('section')
  board.id = 'board'
  board.innerHTML = BOARD
  document.querySelector('aside').before(board)
}

/** Starts the clock in the header. */
export function startClock() {
  const clock = document.querySelector('#clock')
  const show = () => {
    clock.textContent = new Date().toLocaleTimeString('en-GB')
  }
  show()
  setInterval(show, 1000)
}

/**
 * Draws a waving teacher and returns the drawing as a stream, like a camera's.
 * @returns {{ stream: MediaStream, stop: () => void }} `stop` ends the drawing: the stream stays open and its picture freezes
 */
export function teacherCamera(fps = FPS) {
  const canvas = document.createElement('canvas')
  canvas.width = 320
  canvas.height = 180
  const pen = canvas.getContext('2d')
  const startedAt = performance.now()
  const draw = () => drawTeacher(pen, (performance.now() - startedAt) / 1000)
  draw()
  const timer = setInterval(draw, 1000 / fps)
  return { stream: canvas.captureStream(fps), stop: () => clearInterval(timer) }
}

/** Draws the teacher as seen `seconds` after the start of the lesson. */
function drawTeacher(pen, seconds) {
  pen.fillStyle = '#3b5568'
  pen.fillRect(0, 0, 320, 180)

  pen.fillStyle = '#8e4b4b'
  pen.beginPath()
  pen.roundRect(110, 115, 100, 80, 30)
  pen.fill()

  pen.fillStyle = '#e3b58f'
  pen.beginPath()
  pen.arc(160, 80, 34, 0, 2 * Math.PI)
  pen.fill()

  pen.fillStyle = '#22211f'
  pen.fillRect(146, 72, 6, 6)
  pen.fillRect(168, 72, 6, 6)
  const speaking = 2 + 5 * Math.abs(Math.sin(seconds * 7))
  pen.beginPath()
  pen.ellipse(160, 96, 10, speaking, 0, 0, 2 * Math.PI)
  pen.fill()

  pen.strokeStyle = '#e3b58f'
  pen.lineWidth = 14
  pen.lineCap = 'round'
  const swing = 0.5 * Math.sin(seconds * 3)
  pen.beginPath()
  pen.moveTo(204, 130)
  pen.lineTo(204 + 60 * Math.sin(0.7 + swing), 130 - 60 * Math.cos(0.7 + swing))
  pen.stroke()

  pen.fillStyle = '#ffffff'
  pen.font = '14px system-ui, sans-serif'
  pen.fillText(`lesson 4 · ${seconds.toFixed(1)} s`, 10, 170)
}

/**
 * Counts how often the page was opened, from 1. A reload in the same tab is the same visit, so that only a new attempt
 * gets the next number.
 */
export async function countVisit(page) {
  const kept = sessionStorage.getItem(`visit:${page}`)
  if (kept) return Number(kept)
  const response = await fetch(`/visits/${page}`, { method: 'POST' })
  const { visit } = await response.json()
  sessionStorage.setItem(`visit:${page}`, visit)
  return visit
}
