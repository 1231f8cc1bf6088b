/* SPDX-License-Identifier: MIT */
/* What types and codes mean, in words and in traceroute's marks. The names follow IANA's registries
   "Internet Control Message Protocol (ICMP) Parameters" and "ICMPv6 Parameters". */
#include "proto/icmp.h"

#include "icmp_layout.h"
#include "outcome.h"

/* `any` stands for codes that have no words of their own. */
typedef struct icmp_words {
    const char *any;
    const char *const *codes;
    uint8_t count;
} icmp_words;

#define CODES(table) (table), sizeof(table) / sizeof *(table)
#define WORDS(any)   \
    {                \
        any, NULL, 0 \
    }
#define MORE(any, table)  \
    {                     \
        any, CODES(table) \
    }

/* -------------------------------------------------------------------------------------- IPv4 -- */

static const char *const unreachable4[] = {
    "Destination Net Unreachable",
    "Destination Host Unreachable",
    "Destination Protocol Unreachable",
    "Destination Port Unreachable",
    "Fragmentation Needed and Don't Fragment Set",
    "Source Route Failed",
    "Destination Net Unknown",
    "Destination Host Unknown",
    "Source Host Isolated",
    "Destination Net Prohibited",
    "Destination Host Prohibited",
    "Destination Net Unreachable for Type of Service",
    "Destination Host Unreachable for Type of Service",
    "Communication Administratively Prohibited",
    "Host Precedence Violation",
    "Precedence Cutoff in Effect",
};

static const char *const redirect4[] = {
    "Redirect for Network",
    "Redirect for Host",
    "Redirect for Type of Service and Network",
    "Redirect for Type of Service and Host",
};

static const char *const advertisement4[17] = {
    [0] = "Normal Router Advertisement",
    [16] = "Router Does Not Route Common Traffic",
};

static const char *const exceeded4[] = {
    "Time to Live Exceeded in Transit",
    "Fragment Reassembly Time Exceeded",
};

static const char *const parameter4[] = {
    "Parameter Problem: Pointer Indicates the Error",
    "Parameter Problem: Missing a Required Option",
    "Parameter Problem: Bad Length",
};

static const char *const photuris4[] = {
    "Photuris: Bad Security Parameters Index", "Photuris: Authentication Failed",
    "Photuris: Decompression Failed",          "Photuris: Decryption Failed",
    "Photuris: Need Authentication",           "Photuris: Need Authorization",
};

static const char *const extended_reply[] = {
    "Extended Echo Reply",
    "Extended Echo Reply: Malformed Query",
    "Extended Echo Reply: No Such Interface",
    "Extended Echo Reply: No Such Table Entry",
    "Extended Echo Reply: Multiple Interfaces Satisfy Query",
};

static const icmp_words words4[256] = {
    [0] = WORDS("Echo Reply"),
    [3] = MORE("Destination Unreachable", unreachable4),
    [4] = WORDS("Source Quench"),
    [5] = MORE("Redirect", redirect4),
    [6] = WORDS("Alternate Host Address"),
    [8] = WORDS("Echo Request"),
    [9] = MORE("Router Advertisement", advertisement4),
    [10] = WORDS("Router Solicitation"),
    [11] = MORE("Time Exceeded", exceeded4),
    [12] = MORE("Parameter Problem", parameter4),
    [13] = WORDS("Timestamp Request"),
    [14] = WORDS("Timestamp Reply"),
    [15] = WORDS("Information Request"),
    [16] = WORDS("Information Reply"),
    [17] = WORDS("Address Mask Request"),
    [18] = WORDS("Address Mask Reply"),
    [19] = WORDS("Reserved for Security"),
    [20] = WORDS("Reserved for Robustness Experiment"),
    [21] = WORDS("Reserved for Robustness Experiment"),
    [22] = WORDS("Reserved for Robustness Experiment"),
    [23] = WORDS("Reserved for Robustness Experiment"),
    [24] = WORDS("Reserved for Robustness Experiment"),
    [25] = WORDS("Reserved for Robustness Experiment"),
    [26] = WORDS("Reserved for Robustness Experiment"),
    [27] = WORDS("Reserved for Robustness Experiment"),
    [28] = WORDS("Reserved for Robustness Experiment"),
    [29] = WORDS("Reserved for Robustness Experiment"),
    [30] = WORDS("Traceroute"),
    [31] = WORDS("Datagram Conversion Error"),
    [32] = WORDS("Mobile Host Redirect"),
    [33] = WORDS("IPv6 Where-Are-You"),
    [34] = WORDS("IPv6 I-Am-Here"),
    [35] = WORDS("Mobile Registration Request"),
    [36] = WORDS("Mobile Registration Reply"),
    [37] = WORDS("Domain Name Request"),
    [38] = WORDS("Domain Name Reply"),
    [39] = WORDS("SKIP"),
    [40] = MORE("Photuris", photuris4),
    [41] = WORDS("Experimental Mobility Protocols"),
    [42] = WORDS("Extended Echo Request"),
    [43] = MORE("Extended Echo Reply: Unknown Code", extended_reply),
    [253] = WORDS("Experiment 1"),
    [254] = WORDS("Experiment 2"),
};

/* -------------------------------------------------------------------------------------- IPv6 -- */

static const char *const unreachable6[] = {
    "No Route to Destination",
    "Communication with Destination Administratively Prohibited",
    "Beyond Scope of Source Address",
    "Address Unreachable",
    "Port Unreachable",
    "Source Address Failed Ingress/Egress Policy",
    "Reject Route to Destination",
    "Error in Source Routing Header",
    "Headers Too Long",
};

static const char *const exceeded6[] = {
    "Hop Limit Exceeded in Transit",
    "Fragment Reassembly Time Exceeded",
};

static const char *const parameter6[] = {
    "Erroneous Header Field Encountered",
    "Unrecognized Next Header Type Encountered",
    "Unrecognized IPv6 Option Encountered",
    "IPv6 First Fragment Has Incomplete IPv6 Header Chain",
    "SR Upper-Layer Header Error",
    "Unrecognized Next Header Type Encountered by Intermediate Node",
    "Extension Header Too Big",
    "Extension Header Chain Too Long",
    "Too Many Extension Headers",
    "Too Many Options in Extension Header",
    "Option Too Big",
};

static const char *const renumbering6[] = {
    "Router Renumbering Command",
    "Router Renumbering Result",
};

static const char *const node_query6[] = {
    "Node Information Query: IPv6 Address",
    "Node Information Query: Name or Empty",
    "Node Information Query: IPv4 Address",
};

static const char *const node_response6[] = {
    "Node Information Response",
    "Node Information Response: Refused",
    "Node Information Response: Unknown Query Type",
};

static const icmp_words words6[256] = {
    [1] = MORE("Destination Unreachable", unreachable6),
    [2] = WORDS("Packet Too Big"),
    [3] = MORE("Time Exceeded", exceeded6),
    [4] = MORE("Parameter Problem", parameter6),
    [100] = WORDS("Private Experimentation"),
    [101] = WORDS("Private Experimentation"),
    [127] = WORDS("Reserved for Expansion of ICMPv6 Error Messages"),
    [128] = WORDS("Echo Request"),
    [129] = WORDS("Echo Reply"),
    [130] = WORDS("Multicast Listener Query"),
    [131] = WORDS("Multicast Listener Report"),
    [132] = WORDS("Multicast Listener Done"),
    [133] = WORDS("Router Solicitation"),
    [134] = WORDS("Router Advertisement"),
    [135] = WORDS("Neighbor Solicitation"),
    [136] = WORDS("Neighbor Advertisement"),
    [137] = WORDS("Redirect"),
    [138] = MORE("Router Renumbering", renumbering6),
    [139] = MORE("Node Information Query", node_query6),
    [140] = MORE("Node Information Response", node_response6),
    [141] = WORDS("Inverse Neighbor Discovery Solicitation"),
    [142] = WORDS("Inverse Neighbor Discovery Advertisement"),
    [143] = WORDS("Version 2 Multicast Listener Report"),
    [144] = WORDS("Home Agent Address Discovery Request"),
    [145] = WORDS("Home Agent Address Discovery Reply"),
    [146] = WORDS("Mobile Prefix Solicitation"),
    [147] = WORDS("Mobile Prefix Advertisement"),
    [148] = WORDS("Certification Path Solicitation"),
    [149] = WORDS("Certification Path Advertisement"),
    [150] = WORDS("Experimental Mobility Protocols"),
    [151] = WORDS("Multicast Router Advertisement"),
    [152] = WORDS("Multicast Router Solicitation"),
    [153] = WORDS("Multicast Router Termination"),
    [154] = WORDS("FMIPv6"),
    [155] = WORDS("RPL Control"),
    [156] = WORDS("ILNPv6 Locator Update"),
    [157] = WORDS("Duplicate Address Request"),
    [158] = WORDS("Duplicate Address Confirmation"),
    [159] = WORDS("MPL Control"),
    [160] = WORDS("Extended Echo Request"),
    [161] = MORE("Extended Echo Reply: Unknown Code", extended_reply),
    [200] = WORDS("Private Experimentation"),
    [201] = WORDS("Private Experimentation"),
    [255] = WORDS("Reserved for Expansion of ICMPv6 Informational Messages"),
};

const char *proto_icmp_text(proto_family family, uint8_t type, uint8_t code)
{
    const icmp_words *words = family == PROTO_IPV6 ? &words6[type] : &words4[type];
    if (code < words->count && words->codes[code]) return words->codes[code];
    if (family == PROTO_IPV6 && type == 138 && code == 255)
        return "Router Renumbering: Sequence Number Reset";
    return words->any ? words->any : "Unknown Type";
}

/* ------------------------------------------------------------------------------------- marks -- */

/* By the codes of "destination unreachable"; NULL for a code that has none, and "" for the answer of
   the destination itself. */
static const char *const marks4[] = {"!N", "!H", "!P", "",   NULL, "!S", "!N", "!H",
                                     "!N", "!X", "!X", "!N", "!H", "!X", "!V", "!C"};
static const char *const marks6[] = {"!N", "!X", "!H", "!H", "", "!X", "!X", "!S"};

static const char *unreachable_mark(const proto_icmp *message)
{
    bool ipv6 = message->family == PROTO_IPV6;
    const char *const *marks = ipv6 ? marks6 : marks4;
    size_t count = ipv6 ? sizeof marks6 / sizeof *marks6 : sizeof marks4 / sizeof *marks4;
    return message->code < count ? marks[message->code] : NULL;
}

static void number_put(const char *before, uint64_t number, const char *behind, proto_out *out)
{
    proto_out_slice(out, proto_slice_text(before));
    proto_out_decimal(out, number);
    proto_out_slice(out, proto_slice_text(behind));
}

static void mark_put(const proto_icmp *message, proto_out *out)
{
    const char *mark = unreachable_mark(message);
    if (message->kind == PROTO_ICMP_TOO_BIG && message->mtu == 0) {
        proto_out_put(out, "!F", 2);
    } else if (message->kind == PROTO_ICMP_TOO_BIG) {
        number_put("!F-", message->mtu, "", out);
    } else if (message->kind == PROTO_ICMP_UNREACHABLE && mark) {
        proto_out_slice(out, proto_slice_text(mark));
    } else if (message->kind == PROTO_ICMP_UNREACHABLE) {
        number_put("!<", message->code, ">", out);
    } else if (message->kind != PROTO_ICMP_TIME_EXCEEDED || message->code != 0) {
        number_put("!<", message->type, "-", out);
        number_put("", message->code, ">", out);
    }
}

proto_err proto_icmp_mark_write(const proto_icmp *message, proto_out *out)
{
    proto_out before = *out;
    if (proto_icmp_is_error(message->kind)) mark_put(message, out);
    return outcome_of_writing(out, before, PROTO_OK);
}
