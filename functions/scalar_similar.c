/* How alike two texts are: levenshtein, hamming, jaro, jaro_winkler, soundex. By characters.
 *
 *   levenshtein('kitten', 'sitting') = 3        jaro_winkler_similarity('MARTHA', 'MARHTA') = 0.961
 *
 * 1. The time goes by the product of the lengths: pairs beyond SIMILAR_STEPS_MAX are an error of
 *    their row. */
#include "functions/kernel.h"
#include "functions/utf8_text.h"

enum { SIMILAR_STEPS_MAX = 16 * 1024 * 1024 };

typedef struct characters {
    int32_t *codes;
    int count;
} characters;

static characters
characters_of(wr_text text, wr_arena *arena)
{
    characters result = {.codes = wr_arena_alloc(arena, text.size * sizeof(int32_t))};
    for (size_t at = 0; at < text.size; at += wr_utf8_step(text, at)) {
        result.codes[result.count++] = wr_utf8_code(text, at);
    }
    return result;
}

/* The characters of both texts of a row; false: too many for a comparison of each with each. */
static bool
row_characters(const wr_call *call, int row, characters *a, characters *b)
{
    wr_text first = wr_arg_text(call, 0, row);
    wr_text second = wr_arg_text(call, 1, row);
    size_t steps = 0;
    if (__builtin_mul_overflow(first.size, second.size, &steps) || steps > SIMILAR_STEPS_MAX ||
        first.size > SIMILAR_STEPS_MAX || second.size > SIMILAR_STEPS_MAX) {
        return false;
    }
    *a = characters_of(first, call->arena);
    *b = characters_of(second, call->arena);
    return true;
}

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Row by row of the matrix; `swaps`: two neighbours in the other order count as one edit. */
static int64_t
edit_distance(characters a, characters b, bool swaps, wr_arena *arena)
{
    size_t width = (size_t)b.count + 1;
    int64_t *before = WR_NEW_ARRAY(arena, int64_t, width);
    int64_t *above = WR_NEW_ARRAY(arena, int64_t, width);
    int64_t *current = WR_NEW_ARRAY(arena, int64_t, width);
    for (int j = 0; j <= b.count; j++) {
        above[j] = j;
    }
    for (int i = 1; i <= a.count; i++) {
        current[0] = i;
        for (int j = 1; j <= b.count; j++) {
            int64_t cost = above[j - 1] + (a.codes[i - 1] != b.codes[j - 1]);
            cost = least(cost, least(above[j], current[j - 1]) + 1);
            if (swaps && i > 1 && j > 1 && a.codes[i - 1] == b.codes[j - 2] &&
                a.codes[i - 2] == b.codes[j - 1]) {
                cost = least(cost, before[j - 2] + 1);
            }
            current[j] = cost;
        }
        int64_t *free_row = before;
        before = above;
        above = current;
        current = free_row;
    }
    return above[b.count];
}

static void
similar_edits(wr_call *call, bool swaps)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        characters a;
        characters b;
        out[i] = 0;
        if (wr_call_skips(call, i)) {
            continue;
        }
        if (row_characters(call, i, &a, &b)) {
            out[i] = edit_distance(a, b, swaps, call->arena);
        } else {
            wr_call_mark(call, i, WR_REASON_TOO_LARGE);
        }
    }
}

static void
similar_levenshtein(wr_call *call)
{
    similar_edits(call, false);
}

static void
similar_damerau(wr_call *call)
{
    similar_edits(call, true);
}

static void
similar_hamming(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_text a = wr_arg_text(call, 0, i);
        wr_text b = wr_arg_text(call, 1, i);
        out[i] = 0;
        if (wr_utf8_count(a) != wr_utf8_count(b)) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
            continue;
        }
        size_t at = 0;
        size_t other = 0;
        while (at < a.size && other < b.size) {
            out[i] += wr_utf8_code(a, at) != wr_utf8_code(b, other);
            at += wr_utf8_step(a, at);
            other += wr_utf8_step(b, other);
        }
    }
}

/* Marks for each character of `a` the first free equal one of `b` not further away than `reach`. */
static int
jaro_matches(characters a, characters b, int reach, uint8_t *in_a, uint8_t *in_b)
{
    int matches = 0;
    for (int i = 0; i < a.count; i++) {
        int from = i > reach ? i - reach : 0;
        int to = i + reach < b.count - 1 ? i + reach : b.count - 1;
        for (int j = from; j <= to; j++) {
            if (!in_b[j] && a.codes[i] == b.codes[j]) {
                in_a[i] = in_b[j] = 1;
                matches++;
                break;
            }
        }
    }
    return matches;
}

static double
jaro(characters a, characters b, wr_arena *arena)
{
    int longest = a.count > b.count ? a.count : b.count;
    int reach = longest / 2 > 0 ? longest / 2 - 1 : 0;
    uint8_t *in_a = WR_NEW_ARRAY(arena, uint8_t, a.count + 1);
    uint8_t *in_b = WR_NEW_ARRAY(arena, uint8_t, b.count + 1);
    int matches = jaro_matches(a, b, reach, in_a, in_b);
    if (matches == 0) {
        return longest == 0 ? 1 : 0;
    }
    int swapped = 0;
    for (int i = 0, j = 0; i < a.count; i++) {
        if (in_a[i]) {
            while (!in_b[j]) {
                j++;
            }
            swapped += a.codes[i] != b.codes[j++];
        }
    }
    double m = matches;
    return (m / a.count + m / b.count + (m - (double)(swapped / 2)) / m) / 3;
}

/* A shared start, of up to four characters, counts more. */
static double
jaro_winkler(characters a, characters b, wr_arena *arena)
{
    double similarity = jaro(a, b, arena);
    int shared = 0;
    while (shared < 4 && shared < a.count && shared < b.count &&
           a.codes[shared] == b.codes[shared]) {
        shared++;
    }
    return similarity + shared * 0.1 * (1 - similarity);
}

static void
similar_score(wr_call *call, double (*score)(characters a, characters b, wr_arena *arena))
{
    double *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        characters a;
        characters b;
        out[i] = 0;
        if (wr_call_skips(call, i)) {
            continue;
        }
        if (row_characters(call, i, &a, &b)) {
            out[i] = score(a, b, call->arena);
        } else {
            wr_call_mark(call, i, WR_REASON_TOO_LARGE);
        }
    }
}

static void
similar_jaro(wr_call *call)
{
    similar_score(call, jaro);
}

static void
similar_jaro_winkler(wr_call *call)
{
    similar_score(call, jaro_winkler);
}

/* The class of a letter; '0': a vowel, '-': H or W, which do not part equal classes. */
static char
soundex_class(char upper)
{
    static const char classes[] = "01230120022455012623010202";
    return upper == 'H' || upper == 'W' ? '-' : classes[upper - 'A'];
}

/* The first letter and three classes, '0' where there are fewer; an empty text without letters. */
static int
soundex_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_text text = wr_arg_text(call, 0, row);
    char last = '0';
    for (size_t i = 0; i < text.size && out->size < 4; i++) {
        char upper = (char)(text.data[i] & ~0x20);
        if (upper < 'A' || upper > 'Z') {
            continue;
        }
        char class = soundex_class(upper);
        if (out->size == 0) {
            wr_buffer_char(out, upper);
        } else if (class > '0' && class != last) {
            wr_buffer_char(out, class);
        }
        last = class == '-' ? last : class;
    }
    while (out->size > 0 && out->size < 4) {
        wr_buffer_char(out, '0');
    }
    return WR_ROW_OK;
}

WR_WRITER_KERNEL(similar_soundex, soundex_row)

#define SIMILAR(name, result, kernel, meaning, example, shown) \
    WR_SCALAR(name, result, WR_FN_CAN_FAIL, kernel, NULL, name "(s, t)", meaning, example, shown, \
              WR_TYPE_TEXT, WR_TYPE_TEXT)

static const wr_function similar_entries[] = {
    SIMILAR("levenshtein", BIGINT, similar_levenshtein,
            "Characters to insert, remove or replace to get from s to t.",
            "levenshtein('kitten', 'sitting')", "3"),
    SIMILAR("damerau_levenshtein", BIGINT, similar_damerau,
            "levenshtein, where two swapped neighbours count as one.",
            "damerau_levenshtein('form', 'from')", "1"),
    SIMILAR("hamming", BIGINT, similar_hamming,
            "Places where texts of the same length differ; an error for others.",
            "hamming('karolin', 'kathrin')", "3"),
    SIMILAR("jaro_similarity", DOUBLE, similar_jaro, "From 0 to 1, by shared characters near by.",
            "round(jaro_similarity('DIXON', 'DICKSONX'), 4)", "0.7667"),
    SIMILAR("jaro_winkler_similarity", DOUBLE, similar_jaro_winkler,
            "jaro_similarity, higher for a shared start.",
            "round(jaro_winkler_similarity('MARTHA', 'MARHTA'), 4)", "0.9611"),
    WR_SCALAR("soundex", TEXT, 0, similar_soundex, NULL, "soundex(s)",
              "A letter and three digits: how an English name sounds.", "soundex('Robert')", "R163",
              WR_TYPE_TEXT),
};

const wr_function_table wr_functions_similar = WR_TABLE(similar_entries);
