import { BlockList, isIPv6 } from 'node:net'

/** From where plain connections are served: this machine, and the addresses and CIDRs that an operator opened it to. */
export function allowedPeers(cidrs: readonly string[]): BlockList {
  const allowed = new BlockList()
  allowed.addSubnet('127.0.0.0', 8, 'ipv4')
  allowed.addAddress('::1', 'ipv6')
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) allowed.addAddress(address, family)
    else allowed.addSubnet(address, Number(prefix), family)
  }
  return allowed
}
