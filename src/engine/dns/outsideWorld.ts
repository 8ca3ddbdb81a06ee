import type { ResourceRecord } from './message.ts'
import type { UpstreamZoneData } from './upstream.ts'

const TTL = 1200

function startOfAuthority(zone: string): ResourceRecord {
  const below = zone === '.' ? '' : zone
  return {
    name: zone,
    ttl: 900,
    type: 'SOA',
    mname: `ns.${below}`,
    rname: `hostmaster.${below}`,
    serial: 2026112300,
    refresh: 1800,
    retry: 900,
    expire: 604800,
    minimum: 86400,
  }
}

/** The outside world of the default scenario: the tutorial's external site, and example names (RFC 2606, RFC 5737). */
export const OUTSIDE_WORLD: UpstreamZoneData = {
  records: [
    { name: 'www.baidu.com.', ttl: TTL, type: 'CNAME', target: 'www.a.shifen.com.' },
    { name: 'www.a.shifen.com.', ttl: TTL, type: 'A', address: '39.156.66.18' },
    { name: 'www.a.shifen.com.', ttl: TTL, type: 'A', address: '39.156.66.14' },
    { name: 'dual.example.com.', ttl: TTL, type: 'A', address: '192.0.2.10' },
    { name: 'dual.example.com.', ttl: TTL, type: 'AAAA', address: '2001:db8::10' },
    { name: 'v6.example.com.', ttl: TTL, type: 'AAAA', address: '2001:db8::20' },
    { name: 'a.example.com.', ttl: TTL, type: 'CNAME', target: 'b.example.com.' },
    { name: 'b.example.com.', ttl: TTL, type: 'A', address: '192.0.2.20' },
    { name: 'dangling.example.com.', ttl: TTL, type: 'CNAME', target: 'nowhere.example.com.' },
    { name: 'txt.example.com.', ttl: TTL, type: 'TXT', strings: ['hello world'] },
    { name: 'example.com.', ttl: TTL, type: 'A', address: '192.0.2.1' },
    { name: 'example.com.', ttl: TTL, type: 'MX', preference: 10, target: 'mail.example.com.' },
    { name: 'example.com.', ttl: TTL, type: 'NS', target: 'ns.example.com.' },
    { name: '4.3.2.1.in-addr.arpa.', ttl: TTL, type: 'PTR', target: 'host.example.com.' },
  ],
  authorities: [startOfAuthority('.'), startOfAuthority('example.com.')],
  failing: ['servfail.example.com.'],
}
