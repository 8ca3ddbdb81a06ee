/**
 * HTTP/2 as text: a request or response of one stream carries its number in front. Differs: frames, HPACK, SETTINGS and
 * flow control are not modelled; a stream's headers and data travel in one segment.
 */

/** What an HTTP/2 client says first on a connection (RFC 9113, 3.4). */
export const HTTP2_PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

const STREAM = /^HTTP\/2 stream (\d+)\r\n/

export interface Http2Message {
  readonly stream: number
  /** The message as HTTP/1.1 would write it, with version 2 in its first line. */
  readonly text: string
}

/** A stream's request or response as the payload of a segment. */
export function http2Payload({ stream, text }: Http2Message): string {
  return `HTTP/2 stream ${stream}\r\n${text}`
}

/** Undefined: not HTTP/2. A preface in front is passed over. */
export function readHttp2(payload: string): Http2Message | undefined {
  const rest = payload.startsWith(HTTP2_PREFACE) ? payload.slice(HTTP2_PREFACE.length) : payload
  const match = STREAM.exec(rest)
  return match ? { stream: Number(match[1]), text: rest.slice(match[0].length) } : undefined
}

/** `HTTP/1.1 200 OK` becomes `HTTP/2 200`; names of fields are lower case and nothing is said about the connection. */
export function asHttp2Response(response: string): string {
  const end = response.indexOf('\r\n\r\n')
  const [status = '', ...fields] = response.slice(0, end).split('\r\n')
  const code = /^HTTP\/1\.1 (\d{3})/.exec(status)?.[1] ?? '200'
  const kept = fields
    .filter((field) => !/^(connection|keep-alive|transfer-encoding):/i.test(field))
    .map((field) => field.replace(/^[^:]+/, (name) => name.toLowerCase()))
  return [`HTTP/2 ${code}`, ...kept, '', response.slice(end + 4)].join('\r\n')
}

/** `GET / on stream 1`, `200 on stream 1`: what a segment carries, in a few words. */
export function describePayload(payload: string): string {
  const message = readHttp2(payload)
  if (!message) return payload.split(' HTTP/', 1)[0]?.split('\r\n', 1)[0] ?? ''
  const first = message.text.split('\r\n', 1)[0] ?? ''
  return `${first.replace(/ HTTP\/2$/, '').replace(/^HTTP\/2 /, '')} on stream ${message.stream}`
}
