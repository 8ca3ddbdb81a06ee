// Runs inside a pod's (or node's) network namespace: answers TCP and UDP on one port with who it is and whom it sees.
import dgram from 'node:dgram'
import net from 'node:net'

const [name, port] = process.argv.slice(2)
const answer = (peer, local) => `${JSON.stringify({ pod: name, sourceSeen: peer, server: local })}\n`

net
  .createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () =>
      socket.end(
        answer(socket.remoteAddress.replace(/^::ffff:/, ''), `${socket.localAddress.replace(/^::ffff:/, '')}:${port}`),
      ),
    )
  })
  .listen(Number(port), '0.0.0.0', () => {
    const udp = dgram.createSocket('udp4')
    udp.on('message', (_, peer) => udp.send(answer(peer.address), peer.port, peer.address))
    udp.bind(Number(port), '0.0.0.0', () => console.log('ready'))
  })
