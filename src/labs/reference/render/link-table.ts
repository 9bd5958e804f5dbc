import { RELAY_MARK } from '../relay-orders.ts';
import { API_ADDRESS, NODE_SHAPES, POD_SUBNET } from '../shape.ts';

/** The table in each node's network namespace that rules on links are elements of. */
export const LINK_TABLE = 'squall_links';

/** Shares of loss are kept in whole percents, each with a chain of its own. */
export const lossChain = (percent: number): string => `lose_${percent}`;

/**
 * Made at each start of a node and never changed: a rule is an element of a set, with a timeout that the kernel keeps, so what
 * has ended leaves nothing behind. Who sent a packet is told by the sender's hardware address, which covers the addresses of its
 * pods and the API address while it holds that. A cut takes ARP along: a node that is cut off and takes itself for the holder of the
 * API address would otherwise tell everybody to send there. keepalived writes such frames itself, past what `arp` tables see.
 * What a relay sends on was tracked when it came to the relay, with its addresses rewritten; tracked once more it would be another
 * connection that has the same answers, and be dropped.
 */
export function renderLinkTable(): string {
  const nodes = NODE_SHAPES.map(({ address }) => address).join(', ');
  const inside = `${nodes}, ${API_ADDRESS}`;
  const chains = Array.from({ length: 100 }, (_, n) => {
    const percent = n + 1;
    const rule = percent === 100 ? 'drop' : `numgen random mod 100 < ${percent} drop`;
    return `  chain ${lossChain(percent)} { ${rule}; }`;
  });
  return `table inet ${LINK_TABLE}
delete table inet ${LINK_TABLE}
table inet ${LINK_TABLE} {
  set in_cut { type ether_addr; flags timeout; }
  set in_cut_ports { type ether_addr . inet_service; flags timeout; }
  set in_limit { type ether_addr; flags timeout; limit rate over 1 mbytes/second; }
  set in_limit_ports { type ether_addr . inet_service; flags timeout; limit rate over 1 mbytes/second; }
  map in_lose { type ether_addr : verdict; flags timeout; }
  map in_lose_ports { type ether_addr . inet_service : verdict; flags timeout; }
  set out_cut { type ifname; flags timeout; }
  set out_cut_ports { type ifname . inet_service; flags timeout; }
  set out_limit { type ifname; flags timeout; limit rate over 1 mbytes/second; }
  set out_limit_ports { type ifname . inet_service; flags timeout; limit rate over 1 mbytes/second; }
  map out_lose { type ifname : verdict; flags timeout; }
  map out_lose_ports { type ifname . inet_service : verdict; flags timeout; }
${chains.join('\n')}
  chain arriving {
    type filter hook prerouting priority -310; policy accept;
    iifname != "eth0" accept
    ether saddr @in_cut drop
    ether saddr . tcp dport @in_cut_ports drop
    ether saddr @in_limit drop
    ether saddr . tcp dport @in_limit_ports drop
    ether saddr vmap @in_lose
    ether saddr . tcp dport vmap @in_lose_ports
  }
  chain sent_on {
    type filter hook output priority -310; policy accept;
    meta mark ${RELAY_MARK} notrack
  }
  chain leaving {
    type filter hook postrouting priority 310; policy accept;
    oifname != "eth0" accept
    ip daddr { ${inside} } accept
    ip daddr ${POD_SUBNET} accept
    oifname @out_cut drop
    oifname . tcp dport @out_cut_ports drop
    oifname @out_limit drop
    oifname . tcp dport @out_limit_ports drop
    oifname vmap @out_lose
    oifname . tcp dport vmap @out_lose_ports
  }
}
table netdev ${LINK_TABLE}
delete table netdev ${LINK_TABLE}
table netdev ${LINK_TABLE} {
  set in_cut { type ether_addr; flags timeout; }
  set out_cut { type ifname; flags timeout; }
  chain arriving {
    type filter hook ingress device "eth0" priority 0; policy accept;
    ether type arp ether saddr @in_cut drop
  }
  chain leaving {
    type filter hook egress device "eth0" priority 0; policy accept;
    ether type arp arp daddr ip { ${nodes} } accept
    ether type arp oifname @out_cut drop
  }
}
`;
}
