import { expect, it } from 'vitest'
import { iptablesCommand } from './iptablesCommand.ts'
import { createTables } from './tables.ts'
import { splitWords } from './words.ts'

// A session with iptables-nft 1.8.9 in an empty network namespace: what it says, and how it lists the rules afterwards.
const SESSION: readonly (readonly [command: string, stderr: string, exitCode: number])[] = [
  ['-A FORWARD -m iprange --src-range 10.0.0.1-10.0.0.9 ! --dst-range 10.0.0.1-10.0.0.2 -j ACCEPT', '', 0],
  [
    '-A FORWARD -m iprange --src-range 10.0.0.9-10.0.0.1 -j ACCEPT',
    'xt_iprange: range 10.0.0.9-10.0.0.1 is reversed and will never match\n',
    0,
  ],
  [
    '-A FORWARD -m iprange --src-range foo -j ACCEPT',
    'iptables v1.8.9 (nf_tables): iprange: Bad value for "--src-range" option: "foo"\nTry `iptables -h\' or \'iptables --help\' for more information.\n',
    2,
  ],
  [
    '-A FORWARD -m conntrack ! --ctproto tcp --ctorigsrc 10.0.0.0/8 --ctrepldst 4.3.2.1 --ctorigdstport 80:90 ! --ctstatus CONFIRMED,ASSURED --ctexpire 1:10',
    '',
    0,
  ],
  ['-A FORWARD -m conntrack --ctdir REPLY --ctstate NEW,RELATED', '', 0],
  [
    '-A FORWARD -m conntrack --ctdir foo',
    'iptables v1.8.9 (nf_tables): conntrack: Bad value for "--ctdir" option: "foo"\nTry `iptables -h\' or \'iptables --help\' for more information.\n',
    2,
  ],
  [
    '-A FORWARD -m recent --rcheck --seconds 60 --reap --rttl --hitcount 4 --name Q --mask 255.255.0.0 --rdest -j DROP',
    '',
    0,
  ],
  [
    '-A FORWARD -m recent --set --seconds 5',
    'iptables v1.8.9 (nf_tables):  RULE_APPEND failed (Invalid argument): rule in chain FORWARD\n',
    4,
  ],
  [
    '-A FORWARD -m recent --update --rcheck',
    'iptables v1.8.9 (nf_tables): recent: option "--rcheck" cannot be used together with "--update".\n\nTry `iptables -h\' or \'iptables --help\' for more information.\n',
    2,
  ],
  [
    '-A FORWARD -m limit --limit 20000/s',
    "iptables v1.8.9 (nf_tables): Rate too fast \"20000/s\"\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
  [
    '-A FORWARD -p udp -m multiport --dports 1 --sports 2',
    'iptables v1.8.9 (nf_tables): multiport: option "--source-ports" cannot be used together with "--destination-ports".\n\nTry `iptables -h\' or \'iptables --help\' for more information.\n',
    2,
  ],
  [
    '-A FORWARD -m statistic ! --mode random --probability 0.5',
    "iptables v1.8.9 (nf_tables): statistic: option \"--mode\" cannot be inverted.\n\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
  [
    '-A FORWARD -m statistic --mode nth --every 0 --packet 0',
    "iptables v1.8.9 (nf_tables): statistic: bad value for option \"--every\", or out of range (1-4294967295).\n\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
  ['-A FORWARD -j LOG --log-prefix "a b" --log-level error --log-uid --log-tcp-sequence', '', 0],
  [
    '-A FORWARD -j LOG --log-level foo',
    "iptables v1.8.9 (nf_tables): log level \"foo\" unknown\n\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
  [
    '-A FORWARD -p udp -j REJECT --reject-with tcp-reset',
    'iptables v1.8.9 (nf_tables):  RULE_APPEND failed (Invalid argument): rule in chain FORWARD\n',
    4,
  ],
  ['-A FORWARD -s 10.0.0.1,10.0.0.2 -d 10.1.0.0/16,10.2.0.0/16 -j DROP', '', 0],
  [
    '-R FORWARD 1 -s 3.1.1.1,3.1.1.2 -j DROP',
    "iptables v1.8.9 (nf_tables): Replacement rule does not specify a unique address\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
  [
    '-A FORWARD ! -s 1.1.1.1,2.2.2.2 -j DROP',
    "iptables v1.8.9 (nf_tables): ! not allowed with multiple source or destination IP addresses\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
  ['-t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1-10.0.0.5:80-90/1000 --random --persistent', '', 0],
  [
    '-t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:90-80',
    "iptables v1.8.9 (nf_tables): Port range `80' funky\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
  [
    '-t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:80/81',
    "iptables v1.8.9 (nf_tables): Garbage after port value: `/81'\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
  [
    '-t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1-foo',
    "iptables v1.8.9 (nf_tables): Bad IP address \"foo\"\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
  [
    '-t nat -A PREROUTING -j DNAT --to-destination 10.0.0.1:80',
    "iptables v1.8.9 (nf_tables): Need TCP, UDP, SCTP or DCCP with port specification\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
  [
    '-t nat -A PREROUTING -j SNAT --to-source 10.0.0.1',
    'iptables v1.8.9 (nf_tables):  RULE_APPEND failed (Invalid argument): rule in chain PREROUTING\n',
    4,
  ],
  ['-t nat -A PREROUTING -p tcp -j REDIRECT', '', 0],
  ['-t nat -A PREROUTING -p udp -j REDIRECT --to-ports 8080-8090 --random', '', 0],
  ['-t nat -A POSTROUTING -p udp -j SNAT --to-source :1000-2000 --random-fully', '', 0],
  ['-t nat -A POSTROUTING -p tcp -j MASQUERADE --to-ports 1000-2000 --random', '', 0],
  ['-t nat -N C', '', 0],
  ['-t nat -A C -j MASQUERADE', '', 0],
  [
    '-t nat -A PREROUTING -j C',
    'iptables v1.8.9 (nf_tables):  RULE_APPEND failed (Invalid argument): rule in chain PREROUTING\n',
    4,
  ],
  ['-t nat -A POSTROUTING -j C', '', 0],
  [
    '-t nat -A C -j REDIRECT',
    'iptables v1.8.9 (nf_tables):  RULE_APPEND failed (Invalid argument): rule in chain C\n',
    4,
  ],
  ['-t nat -E C D', '', 0],
  ['-t nat -E C X', 'iptables: No chain/target/match by that name.\n', 1],
  ['-t nat -E D POSTROUTING', 'iptables: File exists.\n', 1],
  [
    '-t nat -E D',
    "iptables v1.8.9 (nf_tables): -E requires old-chain-name and new-chain-name\nTry `iptables -h' or 'iptables --help' for more information.\n",
    2,
  ],
]

const LISTED: Readonly<Record<string, string>> = {
  '-S FORWARD': `
-P FORWARD ACCEPT
-A FORWARD -m iprange --src-range 10.0.0.1-10.0.0.9 ! --dst-range 10.0.0.1-10.0.0.2 -j ACCEPT
-A FORWARD -m iprange --src-range 10.0.0.9-10.0.0.1 -j ACCEPT
-A FORWARD -m conntrack ! --ctproto 6 --ctorigsrc 10.0.0.0/8 --ctrepldst 4.3.2.1 --ctorigdstport 80:90 ! --ctstatus ASSURED,CONFIRMED --ctexpire 1:10
-A FORWARD -m conntrack --ctstate NEW,RELATED --ctdir REPLY
-A FORWARD -m recent --rcheck --seconds 60 --reap --hitcount 4 --rttl --name Q --mask 255.255.0.0 --rdest -j DROP
-A FORWARD -j LOG --log-prefix "a b" --log-level 3 --log-tcp-sequence --log-uid
-A FORWARD -s 10.0.0.1/32 -d 10.1.0.0/16 -j DROP
-A FORWARD -s 10.0.0.1/32 -d 10.2.0.0/16 -j DROP
-A FORWARD -s 10.0.0.2/32 -d 10.1.0.0/16 -j DROP
-A FORWARD -s 10.0.0.2/32 -d 10.2.0.0/16 -j DROP
`,
  '-L FORWARD -n': `
Chain FORWARD (policy ACCEPT)
target     prot opt source               destination         
ACCEPT     0    --  0.0.0.0/0            0.0.0.0/0            source IP range 10.0.0.1-10.0.0.9 destination IP range ! 10.0.0.1-10.0.0.2
ACCEPT     0    --  0.0.0.0/0            0.0.0.0/0            source IP range 10.0.0.9-10.0.0.1
           0    --  0.0.0.0/0            0.0.0.0/0            ! ctproto 6 ctorigsrc 10.0.0.0/8 ctrepldst 4.3.2.1 ctorigdstport 80:90 ! ctstatus ASSURED,CONFIRMED ctexpire 1:10
           0    --  0.0.0.0/0            0.0.0.0/0            ctstate NEW,RELATED ctdir REPLY
DROP       0    --  0.0.0.0/0            0.0.0.0/0            recent: CHECK seconds: 60 reap hit_count: 4 TTL-Match name: Q side: dest mask: 255.255.0.0
LOG        0    --  0.0.0.0/0            0.0.0.0/0            LOG flags 9 level 3 prefix "a b"
DROP       0    --  10.0.0.1             10.1.0.0/16         
DROP       0    --  10.0.0.1             10.2.0.0/16         
DROP       0    --  10.0.0.2             10.1.0.0/16         
DROP       0    --  10.0.0.2             10.2.0.0/16         
`,
  '-t nat -S': `
-P PREROUTING ACCEPT
-P INPUT ACCEPT
-P OUTPUT ACCEPT
-P POSTROUTING ACCEPT
-N D
-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1-10.0.0.5:80-90/1000 --random --persistent
-A PREROUTING -p tcp -j REDIRECT
-A PREROUTING -p udp -j REDIRECT --to-ports 8080-8090 --random
-A POSTROUTING -p udp -j SNAT --to-source :1000-2000 --random-fully
-A POSTROUTING -p tcp -j MASQUERADE --to-ports 1000-2000 --random
-A POSTROUTING -j D
-A D -j MASQUERADE
`,
  '-t nat -L -n': `
Chain PREROUTING (policy ACCEPT)
target     prot opt source               destination         
DNAT       6    --  0.0.0.0/0            0.0.0.0/0            to:10.0.0.1-10.0.0.5:80-90/1000 random persistent
REDIRECT   6    --  0.0.0.0/0            0.0.0.0/0           
REDIRECT   17   --  0.0.0.0/0            0.0.0.0/0            redir ports 8080-8090 random

Chain INPUT (policy ACCEPT)
target     prot opt source               destination         

Chain OUTPUT (policy ACCEPT)
target     prot opt source               destination         

Chain POSTROUTING (policy ACCEPT)
target     prot opt source               destination         
SNAT       17   --  0.0.0.0/0            0.0.0.0/0            to::1000-2000 random-fully
MASQUERADE  6    --  0.0.0.0/0            0.0.0.0/0            masq ports: 1000-2000 random
D          0    --  0.0.0.0/0            0.0.0.0/0           

Chain D (1 references)
target     prot opt source               destination         
MASQUERADE  0    --  0.0.0.0/0            0.0.0.0/0           
`,
}

it('takes, refuses and lists rules that somebody types', () => {
  const tables = createTables('IPv4')
  for (const [command, stderr, exitCode] of SESSION)
    expect({ command, ...iptablesCommand(tables, splitWords(command)) }).toEqual({
      command,
      stdout: '',
      stderr,
      exitCode,
    })
  for (const [command, text] of Object.entries(LISTED))
    expect(iptablesCommand(tables, splitWords(command)).stdout).toBe(text.slice(1))
})
