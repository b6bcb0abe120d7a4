/* The kernels against plain versions of themselves, on random bytes from a small alphabet. */
#include "connectors/formats/kernels.h"

#include "connectors/formats/byte_masks.h"
#include "connectors/formats/decimal.h"
#include "tests/lib/random.h"
#include "tests/unit/formats_helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { BYTES = 1500, ROUNDS = 3000 };

/* `size` bytes of the alphabet, 64 more of it behind them. */
static void
random_fill(char *bytes, size_t size, const char *alphabet)
{
    size_t count = strlen(alphabet);
    for (size_t i = 0; i < size + 64; i++) {
        bytes[i] = alphabet[random_below(count)];
    }
}

static void
masks_name_every_byte(void **state)
{
    (void)state;
    char bytes[128];
    for (int round = 0; round < ROUNDS; round++) {
        random_fill(bytes, 64, "ab\"\\\n\x01\x1F\x20\x7F\x80\xFF,;:]}[{");
        text_masks text = text_masks_of(bytes);
        field_masks fields = field_masks_of(bytes, ';');
        uint64_t newlines = newline_mask(bytes);
        member_masks members = member_masks_of(bytes);
        for (int i = 0; i < 64; i++) {
            unsigned char c = (unsigned char)bytes[i];
            if (i < WR_TEXT_STEP) {
                assert_int_equal(text.stops >> i & 1, c == '"' || c == '\\' || c < 0x20);
                assert_int_equal(text.high >> i & 1, c >= 0x80);
            }
            assert_int_equal(newlines >> i & 1, c == '\n');
            assert_int_equal(fields.stops >> i & 1, c == '\n' || c == ';');
            assert_int_equal(fields.quotes >> i & 1, c == '"');
            assert_int_equal(fields.high >> i & 1, c >= 0x80);
            assert_int_equal(members.quotes >> i & 1, c == '"');
            assert_int_equal(members.backslashes >> i & 1, c == '\\');
            assert_int_equal(members.marks >> i & 1, c == ':' || c == ',' || c == '}' || c == ']');
            assert_int_equal(members.controls >> i & 1, c < 0x20);
            assert_int_equal(members.high >> i & 1, c >= 0x80);
        }
    }
}

/* What decimal_read takes, the full reader of numbers takes with the same value. */
static void
decimals_are_read_exactly(void **state)
{
    (void)state;
    char bytes[128];
    int taken = 0;
    for (int round = 0; round < 20 * ROUNDS; round++) {
        random_fill(bytes, 24, random_below(2) ? "0123456789." : "12345678901234567890.,e-x");
        decimal number = decimal_read(bytes);
        wr_json_number full;
        if (number.width == 0 || !wr_json_number_read(bytes, bytes + number.width, &full)) {
            continue; /* 007 is for the caller to refuse */
        }
        taken++;
        assert_ptr_equal(full.end, bytes + number.width);
        assert_true(number.mantissa == full.mantissa);
        assert_int_equal(number.fraction, -full.exponent10);
        double value;
        assert_true(wr_text_to_double((wr_text){bytes, number.width}, &value));
        assert_true(decimal_double(&number) == value);
        char behind = bytes[number.width];
        assert_false(behind >= '0' && behind <= '9');
    }
    assert_true(taken > ROUNDS);
}

/* Where the digits stand is known: the same values. */
static void
known_decimals_are_read_exactly(void **state)
{
    (void)state;
    char bytes[128];
    for (int round = 0; round < ROUNDS; round++) {
        random_fill(bytes, 24, "0123456789");
        unsigned whole = 1 + (unsigned)random_below(WR_DECIMAL_FORM_DIGITS_MAX);
        unsigned fraction = (unsigned)random_below(WR_DECIMAL_FORM_DIGITS_MAX - whole + 1);
        fraction = whole + fraction < WR_DECIMAL_FORM_DIGITS_MAX ? fraction : 0;
        uint64_t expected = 0;
        for (unsigned i = 0; i < whole + fraction; i++) {
            expected = expected * 10 + json_digit(bytes[i < whole || !fraction ? i : i + 1]);
        }
        if (fraction > 0) {
            bytes[whole] = '.';
        }
        decimal_form form = decimal_form_of(whole, fraction);
        assert_true(decimal_read_known(bytes, &form) == expected);
    }
}

static void
stray_bytes_are_found(void **state)
{
    (void)state;
    char bytes[128];
    unsigned char low[64], high[64];
    for (int round = 0; round < ROUNDS; round++) {
        random_fill(bytes, 64, "a\"\\\n0129\x1F\x20\x7F\x80\xFF");
        uint64_t expected = 0;
        for (int i = 0; i < 64; i++) {
            size_t form = random_below(4);
            unsigned char c = (unsigned char)bytes[i];
            low[i] = form == 0 ? c : form == 1 ? '0' : form == 2 ? ' ' : 0;
            high[i] = form == 0 ? c : form == 1 ? '9' : form == 2 ? WR_BYTES_PLAIN_HIGH : 0xFF;
            bool is_mark = form == 2 && (c == '"' || c == '\\');
            expected |= (uint64_t)(c < low[i] || c > high[i] || is_mark) << i;
        }
        for (int i = 0; i < 64; i += WR_TEXT_STEP) {
            uint64_t mask = WR_TEXT_STEP == 64 ? UINT64_MAX : ((uint64_t)1 << WR_TEXT_STEP) - 1;
            assert_true(bytes_stray(bytes + i, bytes_pattern_at(low + i, high + i)) ==
                        (expected >> i & mask));
        }
    }
}

static void
lines_are_the_same_with_all_kernels(void **state)
{
    (void)state;
    static char bytes[BYTES + 64];
    static wr_records expected, got;
    int count;
    const wr_kernels *const *kernels = wr_kernels_usable(&count);
    for (int round = 0; round < ROUNDS; round++) {
        size_t size = 1 + random_below(BYTES);
        random_fill(bytes, size, round % 2 ? "abcdefghijklmnopqrst\r\n" : "a\r\n");
        size_t end = wr_kernels_base.lines_find(bytes, 0, size, &expected);
        int64_t newlines = 0;
        for (size_t i = 0; i < size; i++) {
            newlines += bytes[i] == '\n';
        }
        assert_true(expected.count > 0 && end <= size);
        for (int i = 0; i < expected.count; i++) {
            assert_null(memchr(expected.begin[i], '\n',
                               (size_t)(expected.end[i] - expected.begin[i])));
        }
        for (int k = 0; k < count; k++) {
            assert_int_equal(kernels[k]->newlines_count(bytes, size), newlines);
            assert_int_equal(kernels[k]->lines_find(bytes, 0, size, &got), end);
            assert_int_equal(got.count, expected.count);
            size_t places = (size_t)got.count * sizeof *got.end;
            assert_memory_equal(got.begin, expected.begin, places);
            assert_memory_equal(got.end, expected.end, places);
        }
    }
}

static void
csv_runs_are_the_same_with_all_kernels(void **state)
{
    (void)state;
    static char bytes[BYTES + 64];
    static wr_csv_run expected, got;
    int count;
    const wr_kernels *const *kernels = wr_kernels_usable(&count);
    for (int round = 0; round < ROUNDS; round++) {
        size_t size = 1 + random_below(BYTES);
        random_fill(bytes, size, round % 2 ? "a\n" : "a,\n\"\x80");
        for (size_t i = 0; round % 4 == 1 && i < size; i += 3) {
            bytes[i] = i / 3 % 2 ? '\n' : ',';
        }
        wr_csv_dialect dialect = {.delimiter = ',', .bare = round % 8 == 0};
        int wanted = 1 + (int)random_below(WR_CSV_RUN_MAX);
        expected = got = (wr_csv_run){
            .chunk = bytes, .field_count = 1 + round % 3, .wanted = wanted};
        bool expected_irregular, irregular;
        size_t whole = wr_kernels_base.csv_whole(bytes, size, ',', &expected_irregular);
        wr_kernels_base.csv_run_find(&expected, size, &dialect);
        for (int k = 0; k < count; k++) {
            assert_int_equal(kernels[k]->csv_whole(bytes, size, ',', &irregular), whole);
            assert_int_equal(irregular, expected_irregular);
            kernels[k]->csv_run_find(&got, size, &dialect);
            assert_int_equal(got.count, expected.count);
            assert_int_equal(got.high, expected.high);
            assert_int_equal(got.quoted, expected.quoted);
            assert_int_equal(got.stopped, expected.stopped);
            size_t stops = (size_t)(got.count * got.field_count) + 1;
            assert_memory_equal(got.stops, expected.stops, stops * sizeof *got.stops);
        }
    }
}

static const char *const csv_pieces[] = {
    "1", "12", "-5", "007", "1.50", "-0", "1e3", "1e400", "9223372036854775808",
    "123456789012345", "1234567890123456", "1.", ".5", " 7 ", "+1", "x", "abcdefghijklm",
    "abcdefghijkl", "caf\xC3\xA9", "\xC3", "\"q\"", "\"a\"\"b\"", "a\"b", "NULL", "Infinity",
    "true", "", "", "1\r", "-", "--1", ".", "\"a,b\"", "\"\"", "\"x\ny\"", "\"1\"",
    "\"a\"x", "\"\"\"\""};
enum { CSV_PIECES = sizeof csv_pieces / sizeof *csv_pieces };

/* A line as a message is read field by field, lines of a chunk as runs. */
static void
csv_runs_give_what_single_records_give(void **state)
{
    (void)state;
    static const char columns[] = "a BIGINT, b DOUBLE, c TEXT, d BIGINT NOT NULL";
    for (int round = 0; round < ROUNDS; round++) {
        wr_buffer chunk, rows, bad;
        wr_buffer_init(&chunk);
        wr_buffer_init(&rows);
        wr_buffer_init(&bad);
        for (int line = 0; line < 8; line++) {
            size_t begin = chunk.size;
            bool plain = random_below(3) > 0;
            for (int field = 0; field < 4 - (random_below(20) == 0); field++) {
                const char *piece = plain ? csv_pieces[random_below(6)]
                                          : csv_pieces[random_below(CSV_PIECES)];
                wr_buffer_printf(&chunk, "%s%s", field ? "," : "", piece);
            }
            decoded alone;
            decode_bytes(&alone, "csv", columns, chunk.data + begin, chunk.size - begin);
            wr_buffer_append(&rows, alone.text.data, alone.text.size);
            wr_buffer_append(&bad, alone.bad.data, alone.bad.size);
            decoded_free(&alone);
            wr_buffer_text(&chunk, random_below(2) ? WR_TEXT("\n") : WR_TEXT("\r\n"));
        }
        decode_job job;
        decoded out;
        decoded_reset(&out);
        job_init(&job, columns);
        wr_block block = helper_chunk(job.arena, chunk.data, chunk.size);
        block.chunk_first = false; /* no header */
        helper_decode(&out, &job, "csv", &block, 1);
        assert_string_equal(out.rows, wr_buffer_cstr(&rows));
        assert_string_equal(out.bad_rows, wr_buffer_cstr(&bad));
        decoded_free(&out);
        wr_arena_free(job.arena);
        wr_buffer_fini(&chunk);
        wr_buffer_fini(&rows);
        wr_buffer_fini(&bad);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_name_every_byte),
        cmocka_unit_test(decimals_are_read_exactly),
        cmocka_unit_test(known_decimals_are_read_exactly),
        cmocka_unit_test(stray_bytes_are_found),
        cmocka_unit_test(lines_are_the_same_with_all_kernels),
        cmocka_unit_test(csv_runs_are_the_same_with_all_kernels),
        cmocka_unit_test(csv_runs_give_what_single_records_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
