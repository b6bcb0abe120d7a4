/* Many thousand decodings of mutated records: prediction, the strict way and simdjson agree.
 * The seed of the random numbers is fixed; a failure prints the record. */
#include "connectors/connector.h"
#include "tests/lib/json_differential.h"
#include "tests/lib/json_oracle.h"
#include "tests/lib/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MUTATIONS = 4000, PATH_MUTATIONS = 1500, RECORD_MAX = 512, SURROGATE_OFFSETS = 40 };

static const char *const seeds[] = {
    "{\"a\":1700000000000,\"c\":\"server-000989\",\"b\":95.74}",
    "{ \"a\" : -12 , \"b\" : 1.5e3 , \"c\" : \"caf\xC3\xA9 \\u00e9\\n\" , \"f\" : true }",
    "{\"x\":{\"y\":[1,2,{\"z\":null}]},\"d\":{\"e\":0.25,\"g\":\"h\"},\"a\":7,\"c\":null}",
    "{\"C\":\"upper\",\"A\":3,\"skip\":false,\"b\":9007199254740993,\"f\":false}",
    "{\"a\":1,\"a\":2,\"B\":1,\"b\":2.5,\"d\":{\"e\":1},\"d\":{\"E\":2}}",
    "12.5",
    "{\"a\":9223372036854775807,\"b\":1e22}",
    "{\"a\":-9223372036854775808,\"b\":-0.000001234567890123456789}",
    "[{\"a\":1,\"b\":2.5},{\"a\":2},3]",
    "{\"c\":\"\\ud83d\\ude00 \xF0\x9F\x98\x80 and a longer text of more than sixteen\",\"v\":1}",
    "{}",
};
enum { SEEDS = sizeof seeds / sizeof *seeds };

/* Bytes and pieces that matter to JSON. */
static const char *const pieces[] = {
    "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "1", "9", "-", "+", ".", "e", "E5", " ", "\n",
    "\t", "\r", "null", "true", "\"a\":", "\"b\":2,", "\\u0041", "\\ud800", "\\udc00", "\x80",
    "\xC3", "\xED\xA0\x80", "\xEF\xBB\xBF", "\x01", "123456789", "1e400", "1e-400",
    "9223372036854775807", "9223372036854775808", "00", "0.1", "\"v\":1,", "12345678901234567890"};
enum { PIECES = sizeof pieces / sizeof *pieces };

static size_t
replace(char *text, size_t size, size_t at, size_t gone, const char *piece)
{
    size_t piece_size = strlen(piece);
    if (size - gone + piece_size > RECORD_MAX) {
        return size;
    }
    memmove(text + at + piece_size, text + at + gone, size - at - gone);
    memcpy(text + at, piece, piece_size);
    return size - gone + piece_size;
}

static size_t
mutate(char *text, size_t size)
{
    for (size_t changes = 1 + random_below(3); changes > 0; changes--) {
        size_t at = size ? random_below(size) : 0;
        size_t most = size - at < 4 ? size - at : 4;
        size_t gone = random_below(most + 1);
        switch (random_below(4)) {
        case 0: /* another byte */
            if (size > 0) {
                text[at] = (char)random_below(256);
            }
            break;
        case 1:
            size = replace(text, size, at, gone, "");
            break;
        case 2:
            size = replace(text, size, at, gone, pieces[random_below(PIECES)]);
            break;
        default:
            size = replace(text, size, at, 0, pieces[random_below(PIECES)]);
            break;
        }
    }
    return size;
}

static void
seeds_agree(void **state)
{
    (void)state;
    for (int i = 0; i < SEEDS; i++) {
        for (int j = 0; j < SEEDS; j++) {
            assert_true(
                json_differential(seeds[i], strlen(seeds[i]), seeds[j], strlen(seeds[j])));
        }
    }
}

static void
mutated_records_agree(void **state)
{
    (void)state;
    char text[RECORD_MAX];
    for (int i = 0; i < MUTATIONS; i++) {
        const char *seed = seeds[i % SEEDS];
        size_t size = strlen(seed);
        memcpy(text, seed, size);
        size = mutate(text, size);
        assert_true(json_differential(seed, strlen(seed), text, size));
    }
}

static const char *const path_seeds[] = {
    "{\"a\":{\"b\":[6,{\"c\":95.74,\"d\":\"x\"}],\"h\":\"server-000989\"},\"x\":{\"y\":[1]}}",
    "{ \"a\" : { \"b\" : [ 1.5e3 , { \"c\" : \"1\" } , [2] ] , \"h\" : {\"k\":null} } }",
    "{\"a\":[0,[1,{\"b\":2}],3],\"v\":[true]}",
    "{\"a\":{\"b\":{\"c\":[1],\"1\":{\"c\":2}},\"h\":null"
    ",\"H\":\"caf\xC3\xA9 \\u00e9\"},\"a\":null}",
    "{\"v\":[],\"a\":{\"b\":[]}}",
    "[[1,2],{\"a\":{\"b\":[-0,{\"c\":false}]}}]",
};
enum { PATH_SEEDS = sizeof path_seeds / sizeof *path_seeds };

static void
path_seeds_agree(void **state)
{
    (void)state;
    for (int i = 0; i < PATH_SEEDS; i++) {
        for (int j = 0; j < PATH_SEEDS; j++) {
            assert_true(json_differential_paths(path_seeds[i], strlen(path_seeds[i]),
                                                path_seeds[j], strlen(path_seeds[j])));
        }
    }
}

static void
mutated_paths_agree(void **state)
{
    (void)state;
    char text[RECORD_MAX];
    for (int i = 0; i < PATH_MUTATIONS; i++) {
        const char *seed = path_seeds[i % PATH_SEEDS];
        size_t size = strlen(seed);
        memcpy(text, seed, size);
        size = mutate(text, size);
        assert_true(json_differential_paths(seed, strlen(seed), text, size));
    }
}

/* Good and broken pairs, with each of their bytes on each side of a border of 16. */
static void
surrogates_agree(void **state)
{
    (void)state;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
    static const char *const pairs[] = {
        "\\ud83d\\ude00", "\\uD83D\\uDE00\\ud83d\\ude00", "\\ud83d\\ud83d\\ude00",
        "\\ud83d",        "\\ude00",                      "\\ude00\\ud83d",
        "\\ud83d\\u0041", "\\ud83d\\n",                   "\\ud83d\\",
        "\\ud83",         "\\ud83d\\ude0",                "\\ud83d\\u",
        "\\u00e9",        "\\\\ud83d"};
    static const char *const tails[] = {"", "x", " and a longer text of more than sixteen"};
    char seed[RECORD_MAX], text[RECORD_MAX];
    for (int offset = 0; offset <= SURROGATE_OFFSETS; offset++) {
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
            const char *tail = tails[(size_t)offset % 3];
            int size = snprintf(text, sizeof text, "{\"c\":\"%.*s%s%s\",\"v\":1}", offset,
                                letters, pairs[i], tail);
            int seed_size = snprintf(seed, sizeof seed, "{\"c\":\"%.*s\\n%s\",\"v\":1}", offset,
                                     letters, tail);
            assert_true(json_differential(seed, (size_t)seed_size, text, (size_t)size));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_seeds_agree),
        cmocka_unit_test(mutated_paths_agree),
        cmocka_unit_test(surrogates_agree),
        cmocka_unit_test(seeds_agree),
        cmocka_unit_test(mutated_records_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
