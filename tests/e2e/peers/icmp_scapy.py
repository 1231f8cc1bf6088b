# SPDX-License-Identifier: MIT
# usage: icmp_scapy.py ICMP_MAKE ICMP_DUMP
#
# Compares what the library writes and reads with what scapy does: a line `ok NAME` or `not ok NAME` for each comparison.
import logging
import struct
import subprocess
import sys

logging.getLogger('scapy.runtime').setLevel(logging.ERROR)
from scapy.contrib.icmp_extensions import (  # noqa: E402
    ICMPExtensionInterfaceInformation, ICMPExtensionMPLS)
from scapy.contrib.mpls import MPLS  # noqa: E402
from scapy.layers import inet6 as v6  # noqa: E402
from scapy.layers.inet import (  # noqa: E402
    ICMP, IP, TCP, UDP, ICMPerror, IPOption_RR, TCPerror, UDPerror, checksum)
from scapy.packet import Padding, Raw, raw  # noqa: E402

# What scapy looks for behind a quote moves the padding, or is not there: a message is not put together again as it was.
for layer in (ICMPerror, TCPerror, UDPerror, v6.ICMPv6DestUnreach, v6.ICMPv6TimeExceeded):
    del layer.post_dissection

HERE4, THERE4, ROUTER4 = '192.0.2.1', '198.51.100.2', '203.0.113.9'
HERE6, THERE6, ROUTER6 = '2001:db8::1', '2001:db8::2', 'fe80::9'
PING = bytes(range(0x10, 0x48))
cases = []


def case(name, command, packet, *said):
    """A message: as icmp_make is to write it, as scapy does, and what icmp_dump is to say of it, from the message on."""
    cases.append((name, command, raw(packet), '; '.join(said)))


def four(payload, **fields):
    return IP(src=HERE4, dst=THERE4, ttl=64, id=0, **fields) / payload


def six(payload, **fields):
    return v6.IPv6(src=HERE6, dst=THERE6, hlim=64, **fields) / payload


def shown(name, data):
    if not data:
        return []
    return ['%s %d: %s%s' % (name, len(data), ' '.join('%02x' % byte for byte in data[:8]), ' ..' if len(data) > 8 else '')]


# ------------------------------------------------------------------------------------------- queries
for size in (0, 1, 2, 7, 56, 57, 1472, 65000):
    data = (PING * 1200)[:size]
    for identifier, sequence in ((0, 0), (7, 1), (0xffff, 0x8000)):
        fields = 'id=%d sequence=%d payload=%s' % (identifier, sequence, data.hex())
        about = 'id=%d sequence=%d' % (identifier, sequence)
        name = '%d bytes, %s' % (size, about)
        case('IPv4 echo request, ' + name, '4 echo-request ' + fields, four(ICMP(type=8, id=identifier, seq=sequence) / Raw(data)),
             'echo request 8/0 "Echo Request" ' + about, *shown('payload', data))
        case('IPv4 echo reply, ' + name, '4 echo-reply ' + fields, four(ICMP(type=0, id=identifier, seq=sequence) / Raw(data)),
             'echo reply 0/0 "Echo Reply" ' + about, *shown('payload', data))
        case('IPv6 echo request, ' + name, '6 echo-request ' + fields, six(v6.ICMPv6EchoRequest(id=identifier, seq=sequence, data=data)),
             'echo request 128/0 "Echo Request" ' + about, *shown('payload', data))
        case('IPv6 echo reply, ' + name, '6 echo-reply ' + fields, six(v6.ICMPv6EchoReply(id=identifier, seq=sequence, data=data)),
             'echo reply 129/0 "Echo Reply" ' + about, *shown('payload', data))

case('timestamp request', '4 timestamp-request id=7 sequence=1 originate=43200000',
     four(ICMP(type=13, id=7, seq=1, ts_ori=43200000, ts_rx=0, ts_tx=0)),
     'timestamp request 13/0 "Timestamp Request" id=7 sequence=1 originate=43200000 receive=0 transmit=0')
case('timestamp reply', '4 timestamp-reply id=7 sequence=1 originate=1 receive=0x80000002 transmit=3',
     four(ICMP(type=14, id=7, seq=1, ts_ori=1, ts_rx=0x80000002, ts_tx=3)),
     'timestamp reply 14/0 "Timestamp Reply" id=7 sequence=1 originate=1 receive=2 nonstandard transmit=3')
case('address mask request', '4 address-mask-request id=7 sequence=1', four(ICMP(type=17, id=7, seq=1)),
     'address mask request 17/0 "Address Mask Request" id=7 sequence=1')
case('address mask reply', '4 address-mask-reply id=7 sequence=1 mask=0xfffffe00', four(ICMP(type=18, id=7, seq=1, addr_mask='255.255.254.0')),
     'address mask reply 18/0 "Address Mask Reply" id=7 sequence=1 mask=fffffe00')

# -------------------------------------------------------------------------------------------- errors
UDP4 = raw(IP(src=HERE4, dst=THERE4, ttl=1, id=9) / UDP(sport=33434, dport=33435) / Raw(PING[:32]))
UDP6 = raw(v6.IPv6(src=HERE6, dst=THERE6, hlim=1) / UDP(sport=33434, dport=33435) / Raw(PING[:32]))
ABOUT4 = ['quote %s port 33434 > %s port 33435 protocol=17 ttl=1 length=60 id=9' % (HERE4, THERE4)] + shown('transport', UDP4[20:])
ABOUT6 = ['quote %s port 33434 > %s port 33435 protocol=17 ttl=1 length=80' % (HERE6, THERE6)] + shown('transport', UDP6[40:])
QUOTE4, QUOTE6 = ' payload=' + UDP4.hex(), ' payload=' + UDP6.hex()
MARKS4 = ['!N', '!H', '!P', '', None, '!S', '!N', '!H', '!N', '!X', '!X', '!N', '!H', '!X', '!V', '!C']
TEXTS4 = ['Destination Net Unreachable', 'Destination Host Unreachable', 'Destination Protocol Unreachable',
          'Destination Port Unreachable', None, 'Source Route Failed', 'Destination Net Unknown', 'Destination Host Unknown',
          'Source Host Isolated', 'Destination Net Prohibited', 'Destination Host Prohibited',
          'Destination Net Unreachable for Type of Service', 'Destination Host Unreachable for Type of Service',
          'Communication Administratively Prohibited', 'Host Precedence Violation', 'Precedence Cutoff in Effect']
MARKS6 = ['!N', '!X', '!H', '!H', '', '!X', '!X', '!S']
TEXTS6 = ['No Route to Destination', 'Communication with Destination Administratively Prohibited',
          'Beyond Scope of Source Address', 'Address Unreachable', 'Port Unreachable',
          'Source Address Failed Ingress/Egress Policy', 'Reject Route to Destination', 'Error in Source Routing Header']


def mark(text):
    return ' mark=' + text if text else ''


for code, text in enumerate(TEXTS4):
    if text:
        case('IPv4 destination unreachable, code %d' % code, '4 destination-unreachable code=%d' % code + QUOTE4,
             four(ICMP(type=3, code=code) / Raw(UDP4)),
             'destination unreachable 3/%d "%s"%s' % (code, text, mark(MARKS4[code])), *ABOUT4)
for code, text in enumerate(TEXTS6):
    case('IPv6 destination unreachable, code %d' % code, '6 destination-unreachable code=%d' % code + QUOTE6,
         six(v6.ICMPv6DestUnreach(code=code) / Raw(UDP6)),
         'destination unreachable 1/%d "%s"%s' % (code, text, mark(MARKS6[code])), *ABOUT6)
for mtu in (68, 1280, 65535):
    case('fragmentation needed, MTU %d' % mtu, '4 packet-too-big mtu=%d' % mtu + QUOTE4,
         four(ICMP(type=3, code=4, nexthopmtu=mtu) / Raw(UDP4)),
         'packet too big 3/4 "Fragmentation Needed and Don\'t Fragment Set" mtu=%d mark=!F-%d' % (mtu, mtu), *ABOUT4)
for mtu in (1280, 9000, 0xffffffff):
    case('packet too big, MTU %d' % mtu, '6 packet-too-big mtu=%d' % mtu + QUOTE6,
         six(v6.ICMPv6PacketTooBig(mtu=mtu) / Raw(UDP6)),
         'packet too big 2/0 "Packet Too Big" mtu=%d mark=!F-%d' % (mtu, mtu), *ABOUT6)
for code, text, sign in ((0, 'Time to Live Exceeded in Transit', ''), (1, 'Fragment Reassembly Time Exceeded', '!<11-1>')):
    case('IPv4 time exceeded, code %d' % code, '4 time-exceeded code=%d' % code + QUOTE4, four(ICMP(type=11, code=code) / Raw(UDP4)),
         'time exceeded 11/%d "%s"%s' % (code, text, mark(sign)), *ABOUT4)
for code, text, sign in ((0, 'Hop Limit Exceeded in Transit', ''), (1, 'Fragment Reassembly Time Exceeded', '!<3-1>')):
    case('IPv6 time exceeded, code %d' % code, '6 time-exceeded code=%d' % code + QUOTE6, six(v6.ICMPv6TimeExceeded(code=code) / Raw(UDP6)),
         'time exceeded 3/%d "%s"%s' % (code, text, mark(sign)), *ABOUT6)
case('IPv4 parameter problem', '4 parameter-problem pointer=20' + QUOTE4, four(ICMP(type=12, ptr=20) / Raw(UDP4)),
     'parameter problem 12/0 "Parameter Problem: Pointer Indicates the Error" pointer=20 mark=!<12-0>', *ABOUT4)
case('IPv6 parameter problem', '6 parameter-problem code=1 pointer=40' + QUOTE6, six(v6.ICMPv6ParamProblem(code=1, ptr=40) / Raw(UDP6)),
     'parameter problem 4/1 "Unrecognized Next Header Type Encountered" pointer=40 mark=!<4-1>', *ABOUT6)
case('source quench', '4 source-quench' + QUOTE4, four(ICMP(type=4) / Raw(UDP4)), 'source quench 4/0 "Source Quench" mark=!<4-0>', *ABOUT4)
case('IPv4 redirect', '4 redirect code=1 gateway=' + ROUTER4 + QUOTE4, four(ICMP(type=5, code=1, gw=ROUTER4) / Raw(UDP4)),
     'redirect 5/1 "Redirect for Host" gateway=%s mark=!<5-1>' % ROUTER4, *ABOUT4)
case('IPv6 redirect', '6 redirect gateway=' + ROUTER6 + QUOTE6,
     six(v6.ICMPv6ND_Redirect(tgt=ROUTER6, dst=THERE6) / v6.ICMPv6NDOptRedirectedHdr(len=len(UDP6) // 8 + 1, pkt=v6.IPv6(UDP6))),
     'redirect 137/0 "Redirect" gateway=%s mark=!<137-0>' % ROUTER6, *ABOUT6)

# What fits of a long datagram: 576 bytes of IPv4, 1280 of IPv6.
LONG4 = raw(IP(src=HERE4, dst=THERE4, ttl=1, id=9) / UDP(sport=33434, dport=33435) / Raw(PING * 30))
LONG6 = raw(v6.IPv6(src=HERE6, dst=THERE6, hlim=1) / UDP(sport=33434, dport=33435) / Raw(PING * 30))
case('IPv4, an error about a long datagram', '4 time-exceeded payload=' + LONG4.hex(), four(ICMP(type=11) / Raw(LONG4[:548])),
     'time exceeded 11/0 "Time to Live Exceeded in Transit"',
     'quote %s port 33434 > %s port 33435 protocol=17 ttl=1 length=1708 id=9 truncated' % (HERE4, THERE4), *shown('transport', LONG4[20:548]))
case('IPv6, an error about a long datagram', '6 time-exceeded payload=' + LONG6.hex(), six(v6.ICMPv6TimeExceeded() / Raw(LONG6[:1232])),
     'time exceeded 3/0 "Hop Limit Exceeded in Transit"',
     'quote %s port 33434 > %s port 33435 protocol=17 ttl=1 length=1728 truncated' % (HERE6, THERE6), *shown('transport', LONG6[40:1232]))

# About other datagrams.
ECHO4 = raw(IP(src=HERE4, dst=THERE4, ttl=1, id=9) / ICMP(id=7, seq=3) / Raw(PING))
case('IPv4, an error about an echo request', '4 time-exceeded payload=' + ECHO4.hex(), four(ICMP(type=11) / Raw(ECHO4)),
     'time exceeded 11/0 "Time to Live Exceeded in Transit"',
     'quote %s > %s protocol=1 ttl=1 length=84 id=9 type=8 echo=7/3' % (HERE4, THERE4), *shown('transport', ECHO4[20:]))
ROUTE4 = raw(IP(src=HERE4, dst=THERE4, ttl=1, id=9, options=[IPOption_RR(routers=['0.0.0.0'] * 9)]) / TCP(sport=45000, dport=443))
case('IPv4, an error about a header with options', '4 time-exceeded payload=' + ROUTE4.hex(), four(ICMP(type=11) / Raw(ROUTE4)),
     'time exceeded 11/0 "Time to Live Exceeded in Transit"',
     'quote %s port 45000 > %s port 443 protocol=6 ttl=1 length=80 id=9' % (HERE4, THERE4), *shown('transport', ROUTE4[60:]))
HOPS6 = raw(v6.IPv6(src=HERE6, dst=THERE6, hlim=1) / v6.IPv6ExtHdrHopByHop() / v6.IPv6ExtHdrDestOpt() / v6.IPv6ExtHdrFragment(id=77, m=1) /
            v6.ICMPv6EchoRequest(id=7, seq=3, data=PING))
case('IPv6, an error about extension headers', '6 time-exceeded payload=' + HOPS6.hex(), six(v6.ICMPv6TimeExceeded() / Raw(HOPS6)),
     'time exceeded 3/0 "Hop Limit Exceeded in Transit"',
     'quote %s > %s protocol=58 ttl=1 length=128 id=77 type=128 echo=7/3 MF' % (HERE6, THERE6), *shown('transport', HOPS6[64:]))

# ---------------------------------------------------------------------------------------- extensions


def structure(*objects):
    """scapy sums up the header of a structure alone; the standard wants all of it."""
    body = b''.join(raw(item) for item in objects)
    return struct.pack('!HH', 0x2000, checksum(b'\x20\0\0\0' + body)) + body


STACK = ICMPExtensionMPLS(stack=[MPLS(label=16004, cos=0, s=0, ttl=1), MPLS(label=1048575, cos=7, s=1, ttl=255)])
LABELS = ' label=16004/0/0/1 label=1048575/7/1/255'
SAID_LABELS = ['extensions given', 'object class=1 type=1', 'mpls label=16004 tc=0 ttl=1', 'mpls label=1048575 tc=7 ttl=255 bottom']
WHOLE4, WHOLE6 = UDP4.ljust(128, b'\0'), UDP6.ljust(128, b'\0')
case('IPv4 time exceeded with MPLS labels', '4 time-exceeded' + QUOTE4 + LABELS, four(ICMP(type=11, length=32) / Raw(WHOLE4 + structure(STACK))),
     'time exceeded 11/0 "Time to Live Exceeded in Transit"', *ABOUT4, *SAID_LABELS)
case('IPv4 destination unreachable with MPLS labels', '4 destination-unreachable code=1' + QUOTE4 + LABELS,
     four(ICMP(type=3, code=1, length=32) / Raw(WHOLE4 + structure(STACK))),
     'destination unreachable 3/1 "Destination Host Unreachable" mark=!H', *ABOUT4, *SAID_LABELS)
case('IPv4 fragmentation needed with MPLS labels', '4 packet-too-big mtu=1280' + QUOTE4 + LABELS,
     four(ICMP(type=3, code=4, length=32, nexthopmtu=1280) / Raw(WHOLE4 + structure(STACK))),
     'packet too big 3/4 "Fragmentation Needed and Don\'t Fragment Set" mtu=1280 mark=!F-1280', *ABOUT4, *SAID_LABELS)
case('IPv4 parameter problem with MPLS labels', '4 parameter-problem pointer=9' + QUOTE4 + LABELS,
     four(ICMP(type=12, ptr=9, length=32) / Raw(WHOLE4 + structure(STACK))),
     'parameter problem 12/0 "Parameter Problem: Pointer Indicates the Error" pointer=9 mark=!<12-0>', *ABOUT4, *SAID_LABELS)
case('IPv6 time exceeded with MPLS labels', '6 time-exceeded' + QUOTE6 + LABELS,
     six(v6.ICMPv6TimeExceeded(length=16) / Raw(WHOLE6 + structure(STACK))),
     'time exceeded 3/0 "Hop Limit Exceeded in Transit"', *ABOUT6, *SAID_LABELS)
case('IPv6 destination unreachable with MPLS labels', '6 destination-unreachable code=3' + QUOTE6 + LABELS,
     six(v6.ICMPv6DestUnreach(code=3, length=16) / Raw(WHOLE6 + structure(STACK))),
     'destination unreachable 1/3 "Address Unreachable" mark=!H', *ABOUT6, *SAID_LABELS)
LONGEST4 = LONG4[:548 - 16]
case('IPv4, MPLS labels behind a long datagram', '4 time-exceeded payload=' + LONG4.hex() + LABELS,
     four(ICMP(type=11, length=len(LONGEST4) // 4) / Raw(LONGEST4 + structure(STACK))),
     'time exceeded 11/0 "Time to Live Exceeded in Transit"',
     'quote %s port 33434 > %s port 33435 protocol=17 ttl=1 length=1708 id=9 truncated' % (HERE4, THERE4), *shown('transport', LONGEST4[20:]), *SAID_LABELS)
LONGEST6 = LONG6[:1232 - 16]
case('IPv6, MPLS labels behind a long datagram', '6 time-exceeded payload=' + LONG6.hex() + LABELS,
     six(v6.ICMPv6TimeExceeded(length=len(LONGEST6) // 8) / Raw(LONGEST6 + structure(STACK))),
     'time exceeded 3/0 "Hop Limit Exceeded in Transit"',
     'quote %s port 33434 > %s port 33435 protocol=17 ttl=1 length=1728 truncated' % (HERE6, THERE6), *shown('transport', LONGEST6[40:]), *SAID_LABELS)

# Names are left out: scapy takes their length for one that does not count itself.
ROLES = ['incoming', 'incoming part', 'outgoing', 'next hop']
for role, said in enumerate(ROLES):
    info = ICMPExtensionInterfaceInformation(interface_role=role, has_ifindex=1, has_ipaddr=1, has_mtu=1, ifindex=3, afi=1, ip4=ROUTER4, mtu=1500)
    case('interface information, ' + said, '4 time-exceeded index=3 address=%s link-mtu=1500 interface=%d' % (ROUTER4, role) + QUOTE4,
         four(ICMP(type=11, length=32) / Raw(WHOLE4 + structure(info))),
         'time exceeded 11/0 "Time to Live Exceeded in Transit"', *ABOUT4, 'extensions given',
         'object class=2 type=%d' % (role << 6 | 13), 'interface %s index=3 address=%s mtu=1500' % (said, ROUTER4))
info = ICMPExtensionInterfaceInformation(has_ipaddr=1, afi=2, ip6=ROUTER6)
case('interface information, an address of IPv6, and labels', '6 time-exceeded address=%s interface=0' % ROUTER6 + QUOTE6 + LABELS,
     six(v6.ICMPv6TimeExceeded(length=16) / Raw(WHOLE6 + structure(info, STACK))),
     'time exceeded 3/0 "Hop Limit Exceeded in Transit"', *ABOUT6, 'extensions given', 'object class=2 type=4',
     'interface incoming address=' + ROUTER6, *SAID_LABELS[1:])

# ------------------------------------------------------------------------------------------- headers
for size in (0, 1, 2, 31, 1472):
    data = (PING * 30)[:size]
    for family, packet in ((4, four(UDP(sport=33434, dport=7) / Raw(data))), (6, six(UDP(sport=33434, dport=7) / Raw(data)))):
        case('UDP over IPv%d, %d bytes' % (family, size), '%d udp ports=33434/7 payload=%s' % (family, data.hex()), packet,
             *shown('payload', raw(packet)[20 if family == 4 else 40:]))
case('IPv4, all of the header', '4 echo-reply id=7 sequence=1 ttl=255 dscp=46 ecn=1 ip-id=4660 dont_fragment=1 options=94040000',
     IP(src=HERE4, dst=THERE4, ttl=255, tos=0xb9, id=0x1234, flags='DF', options=[b'\x94\x04\0\0']) / ICMP(type=0, id=7, seq=1),
     'option type=148', 'option data 2: 00 00', 'echo reply 0/0 "Echo Reply" id=7 sequence=1')
case('IPv6, all of the header', '6 echo-reply id=7 sequence=1 ttl=255 dscp=46 ecn=1 flow_label=0xfedcb next_header=60 extensions=3a00010400000000',
     v6.IPv6(src=HERE6, dst=THERE6, hlim=255, tc=0xb9, fl=0xfedcb) / v6.IPv6ExtHdrDestOpt() / v6.ICMPv6EchoReply(id=7, seq=1),
     'echo reply 129/0 "Echo Reply" id=7 sequence=1')


# ---------------------------------------------------------------------------------------- comparison
def run(program, lines):
    done = subprocess.run([program], input='\n'.join(lines) + '\n', capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def without_checksums(packet):
    for layer in (IP, ICMP, UDP, TCP):
        if layer in packet:
            del packet[layer].chksum
    for name in ('ICMPv6EchoRequest', 'ICMPv6EchoReply', 'ICMPv6DestUnreach', 'ICMPv6PacketTooBig', 'ICMPv6TimeExceeded',
                 'ICMPv6ParamProblem', 'ICMPv6ND_Redirect'):
        if getattr(v6, name) in packet:
            del packet[getattr(v6, name)].cksum
    return packet


def result(name, expected, actual):
    if expected == actual:
        print('ok ' + name)
    else:
        print('not ok %s\n    expected: %s\n    actual:   %s' % (name, expected, actual))


written = run(sys.argv[1], [command for _, command, _, _ in cases])
read = run(sys.argv[2], [packet.hex() for _, _, packet, _ in cases])
for (name, command, packet, said), ours, heard in zip(cases, written, read):
    result(name + ': the same bytes', packet.hex(), ours)
    result(name + ': read as meant', said, heard.partition('; ')[2])
    family = IP if packet[0] >> 4 == 4 else v6.IPv6
    parsed = family(bytes.fromhex(ours))
    # What is behind a quoted datagram is no part of a message to scapy when it sums up one that it has taken apart.
    if Padding not in parsed:
        result(name + ': the same when scapy has computed the checksums anew', ours, raw(without_checksums(parsed)).hex())
