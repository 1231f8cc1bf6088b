/* SPDX-License-Identifier: MIT */
/* The Internet checksum on each path, beside the sum as RFC 1071 words it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "checksum.h"
#include "guard.h"
#include "paths.h"
#include "proto/inet.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum { LENGTHS = 3000, ROOM = LENGTHS + 64 };

static proto_simd paths[MAX_PATHS];
static size_t path_count;

/* ------------------------------------------------------------------------------- reference -- */

static uint32_t random_state = 1;

static uint8_t random_byte(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint8_t)(random_state >> 24);
}

/* Carries in as often as there are any (trap 2: the carry of a carry). */
static uint16_t complement(uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* The byte at `place` of a message as a part of the sum: high halves at even places. */
static uint64_t part(uint8_t byte, size_t place)
{
    return place % 2 == 0 ? (uint64_t)byte << 8 : byte;
}

static uint16_t expected(const uint8_t *bytes, size_t len)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += part(bytes[i], i);
    return complement(sum);
}

/* Contents that carry as often or as seldom as can be, and those that lie most beside an estimate
   from the uppermost 16 bits of each eight bytes, in both orders of bytes. */
enum { RANDOM, ONES, ZEROS, SPARSE, LOW_ONES, HIGH_ONES, ODD_TOPS, ODD_BOTTOMS, CONTENTS };

static uint8_t content(int kind, size_t i)
{
    switch (kind) {
    case ONES: return 0xff;
    case ZEROS: return 0;
    case SPARSE: return random_byte() < 8 ? 0xff : 0;
    case LOW_ONES: return i % 8 < 6 ? 0xff : 0;
    case HIGH_ONES: return i % 8 < 2 ? 0xff : 0;
    case ODD_TOPS: return i % 16 == 6 ? 1 : i % 8 < 6 ? 0xff : 0;
    case ODD_BOTTOMS: return i % 64 == 1 ? 1 : 0;
    default: return random_byte();
    }
}

static void fill(uint8_t *bytes, size_t len, int kind)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = content(kind, i);
}

/* -------------------------------------------------------------------------------------- sums -- */

/* RFC 1071 section 3: the sum of these words is ddf2, in whatever order and width they are added. */
static void the_example_of_rfc_1071(void **state)
{
    static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    static const uint8_t reversed[] = {0x01, 0x00, 0x03, 0xf2, 0xf5, 0xf4, 0xf7, 0xf6};
    assert_int_equal(proto_checksum_of(bytes, sizeof bytes), 0xffff - 0xddf2);
    assert_int_equal(proto_checksum_of(reversed, sizeof reversed), 0xffff - 0xf2dd);
}

/* trap 3: a value is a number, whatever the order of bytes of the machine. */
static void a_header_of_ipv4_holds_its_value_high_byte_first(void **state)
{
    uint8_t header[20] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                          0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
    assert_int_equal(proto_checksum_of(header, sizeof header), 0xb861);
    header[10] = 0xb8;
    header[11] = 0x61;
    assert_true(proto_checksum_ok(header, sizeof header));
}

/* trap 1: an odd last byte is the high half of a word. */
static void an_odd_last_byte_is_a_high_half(void **state)
{
    assert_int_equal(proto_checksum_of("\x12", 1), 0xffff - 0x1200);
    assert_int_equal(proto_checksum_of("\x12\x34\x56", 3), 0xffff - (0x1234 + 0x5600));
}

/* trap 2: ffff + ffff + 1 is 1ffff, that with its carry 10000, and that with its carry 1. */
static void the_carry_of_a_carry_counts(void **state)
{
    assert_int_equal(proto_checksum_of("\xff\xff\xff\xff\x00\x01", 6), 0xfffe);
    assert_int_equal(proto_checksum_of("\xff\xff\x00\x01", 4), 0xfffe);
}

static void nothing_sums_up_to_zero(void **state)
{
    proto_checksum sum = {0};
    assert_int_equal(proto_checksum_value(&sum), 0xffff);
    assert_int_equal(proto_checksum_of("", 0), 0xffff);
    assert_int_equal(proto_checksum_of(NULL, 0), 0xffff);
    proto_checksum_add(&sum, NULL, 0);
    proto_checksum_copy(&sum, NULL, NULL, 0);
    assert_int_equal(proto_checksum_value(&sum), 0xffff);
}

static void check_lengths(const uint8_t *bytes)
{
    uint64_t sum = 0;
    for (size_t len = 0; len <= LENGTHS; len++) {
        proto_checksum added = {0};
        proto_checksum_add(&added, bytes, len);
        uint16_t whole = proto_checksum_of(bytes, len), value = proto_checksum_value(&added);
        if (whole != complement(sum) || value != complement(sum))
            fail_msg("%s, %u bytes: %04x and %04x, not %04x", proto_simd_name(proto_simd_used()),
                     (unsigned)len, (unsigned)whole, (unsigned)value, (unsigned)complement(sum));
        sum += part(bytes[len], len);
    }
}

static void every_length_at_many_places(void **state)
{
    static const size_t places[] = {0, 1, 2, 3, 4, 7, 8, 15, 31, 33, 63};
    static _Alignas(64) uint8_t bytes[ROOM + 1];
    for (int kind = 0; kind < CONTENTS; kind++) {
        fill(bytes, sizeof bytes, kind);
        for (size_t i = 0; i < path_count; i++) {
            proto_simd_use(paths[i]);
            for (size_t place = 0; place < COUNT(places); place++)
                check_lengths(bytes + places[place]);
        }
    }
}

static uint16_t value_in_three(const uint8_t *bytes, size_t first, size_t second, size_t len)
{
    proto_checksum sum = {0};
    proto_checksum_add(&sum, bytes, first);
    proto_checksum_add(&sum, bytes + first, second - first);
    proto_checksum_add(&sum, bytes + second, len - second);
    return proto_checksum_value(&sum);
}

/* As much as goes into one estimate of carries on each path, more of it, and less. */
static void lengths_that_are_taken_in_parts(void **state)
{
    enum { PART = 4096 * 4, LONGEST = 64 * PART + 77 };
    static const size_t lengths[] = {
        16 * PART - 1,  16 * PART,      16 * PART + 1,  32 * PART - 64, 32 * PART,
        32 * PART + 15, 48 * PART + 31, 64 * PART - 63, 64 * PART,      LONGEST,
    };
    uint8_t *bytes = malloc(LONGEST), *copy = malloc(LONGEST);
    assert_non_null(bytes);
    assert_non_null(copy);
    for (int kind = 0; kind < CONTENTS; kind++) {
        fill(bytes, LONGEST, kind);
        for (size_t i = 0; i < COUNT(lengths); i++) {
            uint16_t value = expected(bytes, lengths[i]);
            for (size_t path = 0; path < path_count; path++) {
                proto_checksum sum = {0};
                proto_simd_use(paths[path]);
                assert_int_equal(proto_checksum_of(bytes, lengths[i]), value);
                assert_int_equal(value_in_three(bytes, 1, 1, lengths[i]), value);
                memset(copy, 0x55, lengths[i]);
                proto_checksum_copy(&sum, copy, bytes, lengths[i]);
                assert_int_equal(proto_checksum_value(&sum), value);
                assert_memory_equal(copy, bytes, lengths[i]);
            }
        }
    }
    free(bytes);
    free(copy);
}

/* ------------------------------------------------------------------------------------ pieces -- */

/* trap 1: what goes on after an odd number of bytes goes on in the low half. */
static void a_message_may_come_in_pieces_split_anywhere(void **state)
{
    static const size_t lengths[] = {0, 1, 2, 7, 8, 63, 64, 65, 66, 131, 190};
    uint8_t bytes[190];
    for (int kind = 0; kind < CONTENTS; kind++)
        for (size_t i = 0; i < COUNT(lengths); i++) {
            size_t len = lengths[i];
            fill(bytes, len, kind);
            uint16_t value = expected(bytes, len);
            for (size_t path = 0; path < path_count; path++) {
                proto_simd_use(paths[path]);
                for (size_t first = 0; first <= len; first++)
                    for (size_t second = first; second <= len; second++)
                        assert_int_equal(value_in_three(bytes, first, second, len), value);
            }
        }
}

static void a_packet_may_be_split_in_two_anywhere(void **state)
{
    enum { LENGTH = 1501 };
    uint8_t bytes[LENGTH];
    fill(bytes, LENGTH, RANDOM);
    uint16_t value = expected(bytes, LENGTH);
    for (size_t path = 0; path < path_count; path++) {
        proto_simd_use(paths[path]);
        for (size_t first = 0; first <= LENGTH; first++)
            assert_int_equal(value_in_three(bytes, first, first, LENGTH), value);
    }
}

static void a_message_may_come_byte_by_byte(void **state)
{
    uint8_t bytes[257];
    fill(bytes, sizeof bytes, RANDOM);
    proto_checksum sum = {0};
    for (size_t len = 0; len < sizeof bytes; len++) {
        assert_int_equal(proto_checksum_value(&sum), expected(bytes, len));
        proto_checksum_add(&sum, bytes + len, 1);
    }
}

/* Also the largest sum with the largest piece, so that every carry of the way is met. */
static void a_sum_may_grow_for_ever(void **state)
{
    uint8_t ones[LENGTHS], more[LENGTHS];
    fill(ones, sizeof ones, ONES);
    fill(more, sizeof more, RANDOM);
    proto_checksum sum = {0};
    uint64_t plain = 0;
    for (size_t i = 0; i < 2000; i++) {
        proto_checksum_add(&sum, i % 2 ? more : ones, sizeof ones);
        for (size_t at = 0; at < sizeof ones; at++)
            plain += part(i % 2 ? more[at] : ones[at], at);
        assert_int_equal(proto_checksum_value(&sum), complement(plain));
    }
}

static void a_word_is_two_bytes_high_byte_first(void **state)
{
    for (unsigned word = 0; word <= 0xffff; word++) {
        const uint8_t bytes[6] = {0xff, 0xfe, (uint8_t)(word >> 8), (uint8_t)word, 0x80, 0x01};
        proto_checksum sum = {0};
        proto_checksum_add(&sum, bytes, 2);
        proto_checksum_word(&sum, (uint16_t)word);
        proto_checksum_add(&sum, bytes + 4, 2);
        assert_int_equal(proto_checksum_value(&sum), expected(bytes, sizeof bytes));
    }
}

/* ------------------------------------------------------------------------------------ copies -- */

static void check_copy(const uint8_t *bytes, uint8_t *to, size_t len, size_t skew)
{
    proto_checksum sum = {0};
    memset(to, 0xa5, len + 2 * skew);
    proto_checksum_copy(&sum, to + skew, bytes, len);
    assert_int_equal(proto_checksum_value(&sum), expected(bytes, len));
    assert_memory_equal(to + skew, bytes, len);
    for (size_t i = 0; i < skew; i++) {
        assert_int_equal(to[i], 0xa5);
        assert_int_equal(to[skew + len + i], 0xa5);
    }
}

static void a_copy_has_the_bytes_and_nothing_around_them_changes(void **state)
{
    static uint8_t bytes[ROOM], to[ROOM];
    fill(bytes, sizeof bytes, RANDOM);
    for (size_t path = 0; path < path_count; path++) {
        proto_simd_use(paths[path]);
        for (size_t len = 0; len <= 700; len++) {
            check_copy(bytes, to, len, 1);
            check_copy(bytes + 3, to, len, 16);
        }
    }
}

/* Long ones begin with what is before a line of the cache. */
static void long_copies_may_begin_anywhere(void **state)
{
    static const size_t lengths[] = {511, 512, 800, 2047, 2048, 2049, 2911};
    static _Alignas(64) uint8_t bytes[ROOM], to[2 * ROOM];
    fill(bytes, sizeof bytes, RANDOM);
    for (size_t path = 0; path < path_count; path++) {
        proto_simd_use(paths[path]);
        for (size_t i = 0; i < COUNT(lengths); i++)
            for (size_t place = 0; place < 64; place++)
                check_copy(bytes + place / 2, to, lengths[i], place);
    }
}

static void copies_go_on_where_the_last_piece_ended(void **state)
{
    uint8_t bytes[200], to[200];
    fill(bytes, sizeof bytes, RANDOM);
    for (size_t first = 0; first <= sizeof bytes; first++) {
        proto_checksum sum = {0};
        proto_checksum_add(&sum, bytes, first);
        proto_checksum_copy(&sum, to, bytes + first, sizeof bytes - first);
        assert_int_equal(proto_checksum_value(&sum), expected(bytes, sizeof bytes));
    }
}

/* ------------------------------------------------------------------------------- exact sizes -- */

static void nothing_outside_of_the_bytes_is_read_or_written(void **state)
{
    guard_pages from, to;
    uint8_t bytes[1100];
    fill(bytes, sizeof bytes, RANDOM);
    guard_open(&from, sizeof bytes);
    guard_open(&to, sizeof bytes);
    for (size_t path = 0; path < path_count; path++) {
        proto_simd_use(paths[path]);
        for (size_t len = 0; len <= sizeof bytes; len++) {
            uint16_t value = expected(bytes, len);
            uint8_t *low = guard_low(&from, bytes, len);
            assert_int_equal(proto_checksum_of(low, len), value);
            check_copy(low, guard_low(&to, bytes, len), len, 0);
            uint8_t *high = guard_high(&from, bytes, len);
            assert_int_equal(proto_checksum_of(high, len), value);
            check_copy(high, guard_high(&to, bytes, len), len, 0);
        }
    }
    guard_close(&from);
    guard_close(&to);
}

/* ----------------------------------------------------------------------------- pseudo-headers -- */

static proto_address address_of(proto_family family, uint8_t first)
{
    uint8_t octets[16];
    for (uint8_t i = 0; i < 16; i++)
        octets[i] = (uint8_t)(first + 17 * i);
    return family == PROTO_IPV4 ? proto_address_ipv4(octets) : proto_address_ipv6(octets);
}

static void the_pseudo_header_of_ipv4_is_twelve_bytes(void **state)
{
    proto_address source = address_of(PROTO_IPV4, 0xc0), destination = address_of(PROTO_IPV4, 10);
    uint8_t bytes[12 + 5] = {[9] = 17, [10] = 0x12, [11] = 0x05, 'h', 'e', 'l', 'l', 'o'};
    memcpy(bytes, source.octets, 4);
    memcpy(bytes + 4, destination.octets, 4);
    proto_checksum sum = {0};
    proto_checksum_pseudo_header(&sum, &source, &destination, 17, 0x1205);
    proto_checksum_add(&sum, "hello", 5);
    assert_int_equal(proto_checksum_value(&sum), expected(bytes, sizeof bytes));
}

static void the_pseudo_header_of_ipv6_is_forty_bytes(void **state)
{
    proto_address source = address_of(PROTO_IPV6, 0xfe), destination = address_of(PROTO_IPV6, 0x20);
    uint8_t bytes[40 + 3] = {
        [32] = 0x01, [33] = 0x23, [34] = 0x45, [35] = 0x67, [39] = 58, 1, 2, 3};
    memcpy(bytes, source.octets, 16);
    memcpy(bytes + 16, destination.octets, 16);
    proto_checksum sum = {0};
    proto_checksum_pseudo_header(&sum, &source, &destination, 58, 0x01234567);
    proto_checksum_add(&sum, bytes + 40, 3);
    assert_int_equal(proto_checksum_value(&sum), expected(bytes, sizeof bytes));
}

/* From 2001:db8::7 to fd00::42, as the Linux kernel wrote its checksum. */
static void an_echo_request_of_icmpv6_is_intact(void **state)
{
    static const uint8_t source[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 0x07};
    static const uint8_t destination[16] = {0xfd, 0x00, [15] = 0x42};
    static const uint8_t message[] = {128, 0,   0x6b, 0xc3, 0x12, 0x34, 0,   1,  'l',
                                      'i', 'b', 'p',  'r',  'o',  't',  'o', '!'};
    proto_address from = proto_address_ipv6(source), to = proto_address_ipv6(destination);
    proto_checksum sum = {0};
    proto_checksum_pseudo_header(&sum, &from, &to, 58, sizeof message);
    proto_checksum_add(&sum, message, sizeof message);
    assert_int_equal(proto_checksum_value(&sum), 0);
}

/* ------------------------------------------------------------------------------------ intact -- */

/* trap 4: the value is made while its field is zero. */
static void a_message_that_holds_its_value_is_intact(void **state)
{
    uint8_t bytes[100];
    for (size_t len = 2; len <= sizeof bytes; len++)
        for (size_t field = 0; field + 2 <= len; field += 2) {
            fill(bytes, len, RANDOM);
            bytes[field] = bytes[field + 1] = 0;
            uint16_t value = proto_checksum_of(bytes, len);
            bytes[field] = (uint8_t)(value >> 8);
            bytes[field + 1] = (uint8_t)value;
            assert_true(proto_checksum_ok(bytes, len));
            bytes[len - 1] ^= 0x10;
            assert_false(proto_checksum_ok(bytes, len));
        }
}

/* A checksum of zeros is 0xffff, so that a message of zeros alone has a wrong one; and there is no
   message without its field. */
static void zeros_and_nothing_are_not_intact(void **state)
{
    static const uint8_t zeros[200];
    for (size_t len = 0; len <= sizeof zeros; len++)
        assert_false(proto_checksum_ok(zeros, len));
    assert_true(proto_checksum_ok("\xff\xff\0", 3));
}

/* ----------------------------------------------------------------------------------- updates -- */

/* trap 5: RFC 1141 would give ffff (RFC 1624 section 4). */
static void the_example_of_rfc_1624(void **state)
{
    assert_int_equal(proto_checksum_update(0xdd2f, 0x5555, 0x3285), 0x0000);
}

static uint16_t value_of_words(uint16_t a, uint16_t b)
{
    return complement((uint64_t)a + b);
}

/* trap 5: the same value as the whole message anew, never ffff for 0. The one exception is a message
   that becomes zeros alone, which cannot be told from one of ffff. */
static void an_update_gives_what_a_new_sum_gives(void **state)
{
    static const uint16_t words[] = {0,      1,      2,      0x00ff, 0x0100, 0x1234, 0x7fff,
                                     0x8000, 0x8001, 0xedcb, 0xff00, 0xfffd, 0xfffe, 0xffff};
    for (size_t i = 0; i < COUNT(words); i++)
        for (size_t j = 0; j < COUNT(words); j++)
            for (unsigned to = 0; to <= 0xffff; to++) {
                uint16_t old = value_of_words(words[i], words[j]);
                uint16_t new = value_of_words((uint16_t)to, words[j]);
                if (to == 0 && words[j] == 0) new = 0;
                assert_int_equal(proto_checksum_update(old, words[i], (uint16_t)to), new);
            }
}

/* Where 0xffff stands for 0, as in UDP, it is taken for 0. */
static void ffff_is_taken_for_zero(void **state)
{
    for (unsigned to = 0; to <= 0xffff; to += 5)
        assert_int_equal(proto_checksum_update(0xffff, 0x1234, (uint16_t)to),
                         proto_checksum_update(0, 0x1234, (uint16_t)to));
}

static void check_replaced(const uint8_t *bytes, size_t len, size_t at, size_t count, int kind)
{
    uint8_t changed[300];
    memcpy(changed, bytes, len);
    fill(changed + at, count, kind);
    uint16_t value = proto_checksum_replace(expected(bytes, len), bytes + at, changed + at, count);
    uint16_t anew = expected(changed, len);
    if (value != anew)
        fail_msg("%u of %u bytes at %u: %04x, not %04x", (unsigned)count, (unsigned)len,
                 (unsigned)at, (unsigned)value, (unsigned)anew);
}

/* The first word stays 1, so that no message is zeros alone. */
static void rows_of_bytes_may_be_replaced(void **state)
{
    static const size_t counts[] = {0, 2, 4, 6, 8, 16, 18, 40, 64, 66, 128, 254};
    uint8_t bytes[257];
    for (int kind = 0; kind < CONTENTS; kind++) {
        fill(bytes, sizeof bytes, kind);
        bytes[0] = 0, bytes[1] = 1;
        for (size_t path = 0; path < path_count; path++) {
            proto_simd_use(paths[path]);
            for (int other = 0; other < CONTENTS; other++)
                for (size_t i = 0; i < COUNT(counts); i++) {
                    check_replaced(bytes, 256, 256 - counts[i], counts[i], other);
                    check_replaced(bytes, 257, 256 - counts[i], counts[i], other);
                    check_replaced(bytes, 257, 256 - counts[i], counts[i] + 1, other);
                }
        }
    }
}

/* ------------------------------------------------------------------------------------ choice -- */

/* The state of a process in which nothing was done yet. */
static void a_long_sum_or_copy_decides(void **state)
{
    uint8_t bytes[200], to[200];
    fill(bytes, sizeof bytes, RANDOM);
    proto_checksum sum = {0};
    atomic_store(&proto_simd_choice, (unsigned)SIMD_UNDECIDED);
    assert_int_equal(proto_checksum_of(bytes, sizeof bytes), expected(bytes, sizeof bytes));
    assert_int_not_equal(simd_place(), SIMD_UNDECIDED);
    atomic_store(&proto_simd_choice, (unsigned)SIMD_UNDECIDED);
    assert_int_equal(value_in_three(bytes, 1, 2, sizeof bytes), expected(bytes, sizeof bytes));
    assert_int_not_equal(simd_place(), SIMD_UNDECIDED);
    atomic_store(&proto_simd_choice, (unsigned)SIMD_UNDECIDED);
    proto_checksum_copy(&sum, to, bytes, sizeof bytes);
    assert_int_equal(proto_checksum_value(&sum), expected(bytes, sizeof bytes));
    assert_int_not_equal(simd_place(), SIMD_UNDECIDED);
}

static void each_path_has_an_adder_of_its_own(void **state)
{
    for (size_t i = 0; i < path_count; i++)
        for (size_t j = 0; j < i; j++) {
            const checksum_adder *a = checksum_adders[SIMD_PLACE(paths[i])];
            const checksum_adder *b = checksum_adders[SIMD_PLACE(paths[j])];
            assert_true(a->sum != b->sum && a->copy != b->copy && a->value != b->value);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_rfc_1071),
        cmocka_unit_test(a_header_of_ipv4_holds_its_value_high_byte_first),
        cmocka_unit_test(an_odd_last_byte_is_a_high_half),
        cmocka_unit_test(the_carry_of_a_carry_counts),
        cmocka_unit_test(nothing_sums_up_to_zero),
        cmocka_unit_test(every_length_at_many_places),
        cmocka_unit_test(lengths_that_are_taken_in_parts),
        cmocka_unit_test(a_message_may_come_in_pieces_split_anywhere),
        cmocka_unit_test(a_packet_may_be_split_in_two_anywhere),
        cmocka_unit_test(a_message_may_come_byte_by_byte),
        cmocka_unit_test(a_sum_may_grow_for_ever),
        cmocka_unit_test(a_word_is_two_bytes_high_byte_first),
        cmocka_unit_test(a_copy_has_the_bytes_and_nothing_around_them_changes),
        cmocka_unit_test(long_copies_may_begin_anywhere),
        cmocka_unit_test(copies_go_on_where_the_last_piece_ended),
        cmocka_unit_test(nothing_outside_of_the_bytes_is_read_or_written),
        cmocka_unit_test(the_pseudo_header_of_ipv4_is_twelve_bytes),
        cmocka_unit_test(the_pseudo_header_of_ipv6_is_forty_bytes),
        cmocka_unit_test(an_echo_request_of_icmpv6_is_intact),
        cmocka_unit_test(a_message_that_holds_its_value_is_intact),
        cmocka_unit_test(zeros_and_nothing_are_not_intact),
        cmocka_unit_test(the_example_of_rfc_1624),
        cmocka_unit_test(an_update_gives_what_a_new_sum_gives),
        cmocka_unit_test(ffff_is_taken_for_zero),
        cmocka_unit_test(rows_of_bytes_may_be_replaced),
        cmocka_unit_test(a_long_sum_or_copy_decides),
        cmocka_unit_test(each_path_has_an_adder_of_its_own),
    };
    path_count = simd_paths(paths);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
