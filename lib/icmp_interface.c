/* SPDX-License-Identifier: MIT */
/* Objects that say something of an interface (RFC 5837) or ask about one (RFC 8335). */
#include "proto/icmp.h"

#include "outcome.h"
#include "wire.h"

#include <string.h>

/* The C-type of interface information: the role in the upper two bits, and which parts there are, in
   this order (RFC 5837 section 4.1). */
enum { HAS_INDEX = 8, HAS_ADDRESS = 4, HAS_NAME = 2, HAS_MTU = 1 };

/* That of interface identification (RFC 8335 section 2.1). */
enum { BY_NAME = 1, BY_INDEX = 2, BY_ADDRESS = 3 };

enum { AFI_IPV4 = 1, AFI_IPV6 = 2, NAME_FIELD = PROTO_ICMP_NAME + 1 };

/* ----------------------------------------------------------------------------------- reading -- */

/* Takes `len` bytes off the front; NULL if there are fewer. */
static const uint8_t *take(proto_slice *data, size_t len)
{
    const uint8_t *at = data->ptr;
    if (len > data->len) return NULL;
    *data = proto_slice_of(at + len, data->len - len);
    return at;
}

static bool number_take(proto_slice *data, uint32_t *number)
{
    const uint8_t *at = take(data, 4);
    if (at) *number = wire_get32(at);
    return at != NULL;
}

static bool octets_take(proto_slice *data, unsigned afi, proto_address *address)
{
    if (afi != AFI_IPV4 && afi != AFI_IPV6) return false;
    const uint8_t *at = take(data, afi == AFI_IPV4 ? 4 : 16);
    if (at) *address = afi == AFI_IPV4 ? proto_address_ipv4(at) : proto_address_ipv6(at);
    return at != NULL;
}

static proto_slice without_padding(const uint8_t *at, size_t len)
{
    while (len > 0 && at[len - 1] == 0)
        len--;
    return proto_slice_of(at, len);
}

/* The name's first octet is the length of the whole field (RFC 5837 section 4.3). */
static bool name_take(proto_slice *data, proto_slice *name)
{
    if (data->len == 0) return false;
    size_t length = data->ptr[0];
    if (length == 0 || length > NAME_FIELD || length % 4 != 0) return false;
    const uint8_t *at = take(data, length);
    if (at) *name = without_padding(at + 1, length - 1);
    return at != NULL;
}

/* Address family, two octets of no meaning, the address (RFC 5837 section 4.2). */
static bool address_take(proto_slice *data, proto_address *address)
{
    const uint8_t *at = take(data, 4);
    return at != NULL && octets_take(data, wire_get16(at), address);
}

static bool information_read(const proto_icmp_object *object, proto_icmp_interface *interface)
{
    proto_slice data = object->data;
    uint8_t parts = object->type;
    interface->role = (proto_icmp_role)(parts >> 6);
    interface->has_index = parts & HAS_INDEX;
    interface->has_mtu = parts & HAS_MTU;
    if ((parts & HAS_INDEX) && !number_take(&data, &interface->index)) return false;
    if ((parts & HAS_ADDRESS) && !address_take(&data, &interface->address)) return false;
    if ((parts & HAS_NAME) && !name_take(&data, &interface->name)) return false;
    if ((parts & HAS_MTU) && !number_take(&data, &interface->mtu)) return false;
    return data.len == 0;
}

/* Address family, the address's length, an octet of no meaning, the address (RFC 8335 section 2.1),
   which is a whole number of words in either family: there is no padding. */
static bool probed_address_take(proto_slice *data, proto_address *address)
{
    const uint8_t *at = take(data, 4);
    if (at == NULL || !octets_take(data, wire_get16(at), address)) return false;
    return at[2] == (address->family == PROTO_IPV4 ? 4 : 16);
}

static bool identification_read(const proto_icmp_object *object, proto_icmp_interface *interface)
{
    proto_slice data = object->data;
    interface->role = PROTO_ICMP_PROBED_INTERFACE;
    switch (object->type) {
    case BY_NAME:
        interface->name = without_padding(data.ptr, data.len);
        return interface->name.len > 0;
    case BY_INDEX:
        interface->has_index = true;
        return number_take(&data, &interface->index) && data.len == 0;
    case BY_ADDRESS: return probed_address_take(&data, &interface->address) && data.len == 0;
    default: return false;
    }
}

proto_err proto_icmp_interface_read(const proto_icmp_object *object,
                                    proto_icmp_interface *interface)
{
    proto_icmp_interface result = {0};
    bool known = false;
    if (object->number == PROTO_ICMP_CLASS_INTERFACE) known = information_read(object, &result);
    if (object->number == PROTO_ICMP_CLASS_IDENTIFICATION)
        known = identification_read(object, &result);
    if (known) *interface = result;
    return known ? PROTO_OK : PROTO_ERR_ICMP_OBJECT;
}

/* ----------------------------------------------------------------------------------- writing -- */

/* The object as it grows. The longest: index, an IPv6 address, a name, the MTU. */
typedef struct interface_object {
    uint8_t data[4 + 20 + NAME_FIELD + 4];
    size_t len;
} interface_object;

static uint8_t *grow(interface_object *object, size_t len)
{
    uint8_t *at = object->data + object->len;
    memset(at, 0, len);
    object->len += len;
    return at;
}

static void address_add(interface_object *object, const proto_address *address, bool with_length)
{
    size_t octets = address->family == PROTO_IPV4 ? 4 : 16;
    uint8_t *at = grow(object, 4 + octets);
    wire_put16(at, address->family == PROTO_IPV4 ? AFI_IPV4 : AFI_IPV6);
    if (with_length) at[2] = (uint8_t)octets;
    memcpy(at + 4, address->octets, octets);
}

/* A name in a whole number of words, behind `before` octets of them. */
static uint8_t *name_add(interface_object *object, proto_slice name, size_t before)
{
    size_t len = (before + name.len + 3) / 4 * 4;
    uint8_t *at = grow(object, len);
    memcpy(at + before, name.ptr, name.len);
    if (before > 0) at[0] = (uint8_t)len;
    return at;
}

static uint8_t information_add(interface_object *object, const proto_icmp_interface *interface)
{
    unsigned parts = (unsigned)interface->role << 6;
    if (interface->has_index) parts |= HAS_INDEX;
    if (interface->has_index) wire_put32(grow(object, 4), interface->index);
    if (interface->address.family != PROTO_FAMILY_NONE) {
        parts |= HAS_ADDRESS;
        address_add(object, &interface->address, false);
    }
    if (interface->name.len > 0) {
        parts |= HAS_NAME;
        name_add(object, interface->name, 1);
    }
    if (interface->has_mtu) parts |= HAS_MTU;
    if (interface->has_mtu) wire_put32(grow(object, 4), interface->mtu);
    return (uint8_t)parts;
}

static uint8_t identification_add(interface_object *object, const proto_icmp_interface *interface)
{
    if (interface->name.len > 0) {
        name_add(object, interface->name, 0);
        return BY_NAME;
    }
    if (interface->has_index) {
        wire_put32(grow(object, 4), interface->index);
        return BY_INDEX;
    }
    address_add(object, &interface->address, true);
    return BY_ADDRESS;
}

static int ways_of_naming(const proto_icmp_interface *interface)
{
    return (interface->name.len > 0) + interface->has_index +
           (interface->address.family != PROTO_FAMILY_NONE);
}

proto_err proto_icmp_interface_write(const proto_icmp_interface *interface, proto_out *out)
{
    bool probed = interface->role == PROTO_ICMP_PROBED_INTERFACE;
    interface_object object = {.len = 0};
    if (interface->name.len > PROTO_ICMP_NAME) return PROTO_ERR_ICMP_OBJECT;
    if (probed && (ways_of_naming(interface) != 1 || interface->has_mtu))
        return PROTO_ERR_ICMP_OBJECT;
    proto_icmp_object whole = {.number = probed ? PROTO_ICMP_CLASS_IDENTIFICATION
                                                : PROTO_ICMP_CLASS_INTERFACE};
    whole.type = probed ? identification_add(&object, interface)
                        : information_add(&object, interface);
    whole.data = proto_slice_of(object.data, object.len);
    return proto_icmp_object_write(&whole, out);
}
