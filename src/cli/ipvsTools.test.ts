import { expect, it } from 'vitest'
import { runShell } from './sh.ts'

/** What `kubehop sh --mode MODE -c` prints. */
async function shell(mode: 'ipvs' | 'iptables', commands: string): Promise<string> {
  let text = ''
  const write = (more: string): void => {
    text += more
  }
  await runShell(undefined, { command: commands, mode }, { stdout: write, stderr: write })
  return text
}

it('root on a node edits a virtual server, and the next connections obey', async () => {
  const text = await shell(
    'ipvs',
    [
      'ipvsadm -A -t 10.98.98.98:8080 -s rr',
      'ipvsadm -a -t 10.98.98.98:8080 -r 10.244.1.2:80 -m',
      'ipvsadm -Ln -t 10.98.98.98:8080',
      'ipset test KUBE-CLUSTER-IP 10.98.98.98,tcp:80',
      'ipset list KUBE-NODE-PORT-UDP -t',
      'ipset destroy KUBE-IPVS-IPS',
    ].join('; '),
  )
  expect(text).toBe(`Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.98.98.98:8080 rr
  -> 10.244.1.2:80                Masq    1      0          0         
Name: KUBE-NODE-PORT-UDP
Type: bitmap:port
Revision: 3
Header: range 0-65535
Size in memory: 8264
References: 0
Number of entries: 0
Warning: 10.98.98.98,tcp:80 is in set KUBE-CLUSTER-IP.
ipset v7.17: Set cannot be destroyed: it is in use by a kernel component
`)
})

it('weight 0 takes no new connections', async () => {
  const [, server] = /-> (10\.244\S+)/.exec(await shell('ipvs', 'ipvsadm -Ln -t 10.98.98.98:80')) ?? []
  const commands = [
    `ipvsadm -e -t 10.98.98.98:80 -r ${server} -m -w 0`,
    ...Array.from({ length: 6 }, () => 'curl -s -o /dev/null http://10.98.98.98'),
    'ipvsadm -Ln -t 10.98.98.98:80',
  ]
  const lines = (await shell('ipvs', commands.join('; '))).split('\n').filter((line) => line.includes('->'))
  const counts = lines.slice(1).map((line) => line.trim().split(/\s+/).slice(3).map(Number))
  expect(counts.map(([weight]) => weight).sort()).toEqual([0, 1, 1])
  expect(counts.map(([weight, , inactive]) => (weight === 0 ? 0 : inactive))).toEqual(counts.map(([, , n]) => n))
  expect(counts.reduce((sum, [, , n = 0]) => sum + n, 0)).toBe(6)
})

it('in another mode both tools find nothing and make nothing', async () => {
  expect(await shell('iptables', 'ipvsadm -Ln; ipset list; ipset list KUBE-CLUSTER-IP; ipvsadm -A -t 10.98.98.98:80'))
    .toBe(`IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
ipset v7.17: The set with the given name does not exist
kubehop simulates changes of IPVS in ipvs mode only
`)
})
