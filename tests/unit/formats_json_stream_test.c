/* Long streams of records that are alike, as prediction meets them, against simdjson's DOM: same
 * rows, same records refused.
 *
 *   formats_json_stream_test        100,000 records
 *   WEIR_RECORDS=10000000 formats_json_stream_test
 *
 * A block has one style: order of keys, spaces, which keys there are, how numbers are spelled. Its
 * records follow the style but for some, which draw an order of their own or have bytes changed.
 *
 * 1. Records of which the oracle has no opinion are left out before the block is decoded.
 * 2. A block that differs is decoded again record by record behind its neighbours, to name one. */
#include "connectors/connector.h"
#include "tests/lib/json_oracle.h"
#include "tests/lib/random.h"
#include "tests/unit/formats_helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { BLOCK_RECORDS = 500, RECORD_MAX = 1024, KEYS = 9, RECORDS = 100000 };

typedef struct style {
    int order[KEYS], key_count;
    const char *colon, *comma;
    bool turns;            /* an order for each record */
    unsigned odd_spelling; /* one number or text in so many is unusual */
    unsigned mutation;     /* one record in so many is changed */
} style;

static const char *const keys[KEYS] = {"a", "b", "c", "d", "f", "v", "x", "a long key", "C"};

static void
order_draw(style *own)
{
    for (int i = KEYS - 1; i > 0; i--) {
        int k = (int)random_below((unsigned)i + 1), other = own->order[i];
        own->order[i] = own->order[k];
        own->order[k] = other;
    }
}

static style
style_draw(void)
{
    static const char *const colons[] = {":", ": ", " :\t"};
    static const char *const commas[] = {",", ", ", " ,\r "};
    static const unsigned rarities[] = {3, 20, 300};
    style drawn = {.colon = colons[random_below(8) < 6 ? 0 : 1 + random_below(2)],
                   .comma = commas[random_below(8) < 6 ? 0 : 1 + random_below(2)],
                   .turns = random_below(4) == 0,
                   .odd_spelling = rarities[random_below(3)],
                   .mutation = rarities[random_below(3)],
                   .key_count = 1 + (int)random_below(KEYS)};
    for (int i = 0; i < KEYS; i++) {
        drawn.order[i] = i;
    }
    order_draw(&drawn);
    return drawn;
}

#define PICK(list) (list)[random_below(sizeof(list) / sizeof *(list))]

static void
number_write(wr_buffer *out, const style *own, bool whole)
{
    static const char *const odd[] = {"0.0",
                                      "7e0",
                                      "1E+3",
                                      "-2.5e-3",
                                      "123456789012345678",
                                      "1e22",
                                      "9223372036854775807",
                                      "1e-300",
                                      "3.141592653589793238462",
                                      "9007199254740993",
                                      "0.1e1",
                                      "null",
                                      "\"12\"",
                                      "1.",
                                      "007"};
    static const unsigned ranges[] = {10, 100, 1000000, 4000000000};
    if (random_below(own->odd_spelling) == 0) {
        wr_buffer_printf(out, "%s", PICK(odd));
        return;
    }
    const char *sign = random_below(6) == 0 ? "-" : "";
    wr_buffer_printf(out, "%s%u", sign, 1 + random_below(PICK(ranges)));
    if (!whole) {
        wr_buffer_printf(out, ".%0*u", 1 + (int)random_below(3), random_below(10));
    }
}

static void
text_write(wr_buffer *out, const style *own)
{
    static const char *const odd[] = {"",
                                      "\\u00e9",
                                      "\\ud83d\\ude00",
                                      "tab\\t\\\"",
                                      "\\\\",
                                      "caf\xC3\xA9",
                                      "\xF0\x9F\x98\x80",
                                      "a text of more than thirty-two bytes, ASCII",
                                      "sixteen bytes ok",
                                      "\\/",
                                      "bad \x01",
                                      "bad \xC3",
                                      "\\u12"};
    if (random_below(own->odd_spelling) == 0) {
        wr_buffer_printf(out, "\"%s\"", PICK(odd));
    } else {
        wr_buffer_printf(out, "\"server-%06u\"", random_below(1000));
    }
}

static void
value_write(wr_buffer *out, const style *own, int key)
{
    static const char *const skipped[] = {"{\"y\":[1,{\"z\":\"]\"}]}",
                                          "[]",
                                          "false",
                                          "\"a\\\"b\"",
                                          "null",
                                          "-1.5e3",
                                          "\"\\u0041\"",
                                          "[[],{}]"};
    switch (key) {
    case 0: number_write(out, own, true); break;
    case 1:
    case 5: number_write(out, own, false); break;
    case 3:
        wr_buffer_printf(out, "{\"e\"%s", own->colon);
        number_write(out, own, false);
        wr_buffer_printf(out, "%s\"g\"%s[1]}", own->comma, own->colon);
        break;
    case 4: wr_buffer_printf(out, "%s", random_below(2) ? "true" : "false"); break;
    case 6: wr_buffer_printf(out, "%s", PICK(skipped)); break;
    default: text_write(out, own); break;
    }
}

static void
record_write(wr_buffer *out, style *own)
{
    if (own->turns) {
        order_draw(own);
    }
    wr_buffer_char(out, '{');
    for (int i = 0; i < own->key_count; i++) {
        wr_buffer_printf(out, "%s\"%s\"%s", i ? own->comma : "", keys[own->order[i]], own->colon);
        value_write(out, own, own->order[i]);
    }
    wr_buffer_char(out, '}');
}

/* Some bytes are others, or gone. */
static void
record_mutate(wr_buffer *record)
{
    static const char bytes[] = "\"\\{}[],: 0-.e\x80\x01";
    for (unsigned i = random_below(3); record->size > 0; i--) {
        size_t at = random_below((unsigned)record->size);
        if (random_below(2)) {
            record->data[at] = bytes[random_below(sizeof bytes - 1)];
        } else {
            record->size -= random_below((unsigned)(record->size - at) + 1);
        }
        if (i == 0) {
            break;
        }
    }
}

typedef struct record_block {
    decode_job job;
    wr_message messages[BLOCK_RECORDS];
    int count;
    wr_buffer expected;
    int64_t bad_count;
} record_block;

static void
block_draw(record_block *block)
{
    static char rows[1 << 14];
    style own = style_draw();
    wr_buffer record;
    wr_buffer_init(&record);
    wr_buffer_init(&block->expected);
    job_init(&block->job, JSON_ORACLE_COLUMNS);
    block->count = 0;
    block->bad_count = 0;
    while (block->count < BLOCK_RECORDS) {
        wr_buffer_reset(&record);
        record_write(&record, &own);
        if (random_below(own.mutation) == 0) {
            record_mutate(&record);
        }
        int bad_count;
        json_verdict verdict = json_oracle(record.data, record.size, rows, sizeof rows, &bad_count);
        if (verdict == JSON_NO_OPINION || record.size == 0) {
            continue;
        }
        block->bad_count += verdict == JSON_REFUSED ? 1 : bad_count;
        if (verdict == JSON_ACCEPTED) {
            wr_buffer_printf(&block->expected, "%s", rows);
        }
        block->messages[block->count++] = (wr_message){
            .data = helper_padded(block->job.arena, record.data, record.size), .size = record.size};
    }
    wr_buffer_fini(&record);
}

/* Are the first `count` records decoded as the oracle says, with these rows in all? */
static bool
block_agrees(record_block *block, int count, const wr_buffer *expected, int64_t bad_count)
{
    decoded out;
    decoded_reset(&out);
    wr_block messages = {
        .kind = WR_BLOCK_MESSAGES, .messages = block->messages, .message_count = count};
    helper_decode(&out, &block->job, "json", &messages, 1);
    bool same = out.text.size == expected->size && out.bad_count == bad_count &&
                (out.text.size == 0 || memcmp(out.text.data, expected->data, out.text.size) == 0);
    decoded_free(&out);
    return same;
}

static void
block_name_first(record_block *block)
{
    static char rows[1 << 14];
    wr_buffer expected;
    wr_buffer_init(&expected);
    int64_t bad_total = 0;
    for (int i = 0; i < block->count; i++) {
        const wr_message *message = &block->messages[i];
        int bad_count;
        json_verdict verdict =
            json_oracle(message->data, message->size, rows, sizeof rows, &bad_count);
        bad_total += verdict == JSON_REFUSED ? 1 : bad_count;
        wr_buffer_printf(&expected, "%s", verdict == JSON_ACCEPTED ? rows : "");
        if (!block_agrees(block, i + 1, &expected, bad_total)) {
            wr_buffer_fini(&expected);
            fail_msg("record %d differs (expected %s): %.*s", i,
                     verdict == JSON_ACCEPTED ? rows : "a bad row", (int)message->size,
                     (const char *)message->data);
        }
    }
    wr_buffer_fini(&expected);
    fail_msg("the block differs, none of its beginnings does");
}

static void
streams_are_decoded_as_simdjson_does(void **state)
{
    (void)state;
    const char *wanted = getenv("WEIR_RECORDS");
    long records = wanted ? strtol(wanted, NULL, 10) : RECORDS;
    static record_block block;
    for (long done = 0; done < records; done += block.count) {
        block_draw(&block);
        if (!block_agrees(&block, block.count, &block.expected, block.bad_count)) {
            block_name_first(&block);
        }
        wr_buffer_fini(&block.expected);
        wr_arena_free(block.job.arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(streams_are_decoded_as_simdjson_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
