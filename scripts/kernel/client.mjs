// Runs inside a namespace: one attempt, its end as a line of JSON. Given up after 0.95 s, before the kernel sends again.
import dgram from 'node:dgram'
import net from 'node:net'

const [protocol, address, port] = process.argv.slice(2)
const GIVE_UP_MS = 950
const ENDS = { ECONNREFUSED: 'refused', EHOSTUNREACH: 'unreachable', ENETUNREACH: 'unreachable', EACCES: 'unreachable' }
let done = false

const timer = setTimeout(() => end({ outcome: 'timeout' }), GIVE_UP_MS)
if (protocol === 'udp') udp()
else tcp()

function end(result) {
  if (done) return
  done = true
  clearTimeout(timer)
  console.log(JSON.stringify(result))
  // Both FINs must have passed before the counters are read.
  setTimeout(() => process.exit(0), 20)
}

function failed(error) {
  end(ENDS[error.code] ? { outcome: ENDS[error.code], errno: error.code } : { outcome: 'timeout', errno: error.code })
}

function tcp() {
  const socket = net.connect({ host: address, port: Number(port) })
  let text = ''
  socket.on('connect', () => socket.write('hello\n'))
  socket.on('data', (data) => (text += data))
  socket.on('end', () => socket.end())
  socket.on('close', () => (text ? end({ outcome: 'connected', ...JSON.parse(text) }) : end({ outcome: 'closed' })))
  socket.on('error', failed)
}

function udp() {
  const socket = dgram.createSocket('udp4')
  socket.on('error', failed)
  socket.on('message', (data) => end({ outcome: 'connected', ...JSON.parse(String(data)) }))
  // A packet that the node's own OUTPUT refuses fails with EPERM; a REJECT's ICMP error comes right behind and says more.
  const refusedBySend = (error) => setTimeout(() => failed(error), error.code === 'EPERM' ? 100 : 0)
  socket.connect(Number(port), address, () => socket.send('hello', (error) => error && refusedBySend(error)))
}
