/** Service names that people type as ports. Source: /etc/services. */
export const PORT_NAMES: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  pop3: 110,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  ldap: 389,
  https: 443,
  mysql: 3306,
  postgresql: 5432,
  redis: 6379,
  'http-alt': 8080,
}

const UDP_NAMES: ReadonlySet<string> = new Set(['domain', 'ntp', 'snmp', 'ldap', 'https'])
const BY_PORT: ReadonlyMap<number, string> = new Map(Object.entries(PORT_NAMES).map(([name, port]) => [port, name]))

/** What `getservbyport` finds. */
export function serviceName(port: number, protocol: string): string | undefined {
  const name = BY_PORT.get(port)
  if (name === undefined || (protocol !== 'TCP' && protocol !== 'UDP')) return undefined
  return protocol === 'TCP' ? (name === 'ntp' ? undefined : name) : UDP_NAMES.has(name) ? name : undefined
}
