import { fqdn } from './name.ts'
import type { ResourceRecord } from './message.ts'

const TTL = 1200
const LINE = /^(\S+)\s+(?:(\d+)\s+)?(?:IN\s+)?(A|AAAA|CNAME)\s+(\S+)$/i

/** Reads `www.example.com 300 CNAME a.example.com`, a record a line; what is none is left out. */
export function zoneRecords(text: string): readonly ResourceRecord[] {
  return text.split('\n').flatMap((line): ResourceRecord[] => {
    const match = LINE.exec(line.replace(/[;#].*$/, '').trim())
    if (!match) return []
    const [, name = '', ttl, word = '', data = ''] = match
    const head = { name: fqdn(name), ttl: ttl === undefined ? TTL : Number(ttl) }
    const type = word.toUpperCase()
    if (type === 'CNAME') return [{ ...head, type, target: fqdn(data) }]
    return [{ ...head, type: type === 'A' ? 'A' : 'AAAA', address: data }]
  })
}
