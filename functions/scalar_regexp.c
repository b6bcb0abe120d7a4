/* Functions of regular expressions: regexp_like, regexp_replace, regexp_substr and others.
 *
 *   regexp_replace('a1b22', '\d+', '<\&>', 'g') = 'a<1>b<22>'
 *
 * Names and order of arguments are PostgreSQL's (and Oracle's), regexp_extract is Flink's.
 * Positions count characters, from 1.
 *
 * 1. A constant pattern is compiled once per plan, as machine code; other patterns when they differ
 *    from the row before.
 * 2. A pattern of a row that is none, or that gives up on its text, is an error of that row. */
#include "functions/kernel.h"
#include "functions/regexp.h"
#include "functions/utf8_text.h"

/* What a batch matches with. */
typedef struct regexp_search {
    const wr_call *call;
    wr_regexp_matcher *matcher;
    const wr_regexp *regexp; /* of the row; NULL: no valid pattern */
    wr_text pattern, flags;  /* that it was compiled from, where it is not the prepared one */
    bool has_compiled;
} regexp_search;

static regexp_search
search_start(const wr_call *call)
{
    return (regexp_search){
        .call = call, .matcher = wr_regexp_matcher_new(call->arena), .regexp = call->prepared};
}

/* Prepares the search for `row`, whose flags are argument `flags_arg` if it is there. */
static bool
search_row(regexp_search *search, int row, int flags_arg)
{
    const wr_call *call = search->call;
    if (call->prepared) {
        return true;
    }
    wr_text pattern = wr_arg_text(call, 1, row);
    wr_text flags = call->arg_count > flags_arg ? wr_arg_text(call, flags_arg, row) : WR_TEXT("");
    if (!search->has_compiled || !wr_text_equal(pattern, search->pattern) ||
        !wr_text_equal(flags, search->flags)) {
        search->regexp = wr_regexp_compile(pattern, flags, false, call->arena, NULL);
        search->pattern = wr_arena_text(call->arena, pattern);
        search->flags = wr_arena_text(call->arena, flags);
        search->has_compiled = true;
    }
    return search->regexp != NULL;
}

static wr_status
regexp_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count, int flags_arg,
               const void **prepared, wr_error *err)
{
    *prepared = NULL;
    bool has_flags = arg_count > flags_arg;
    if (!wr_constant_is_known(args, 1) || (has_flags && !wr_constant_is_known(args, flags_arg))) {
        return WR_OK;
    }
    wr_text flags = has_flags ? wr_view_text(args[flags_arg]->data) : WR_TEXT("");
    *prepared = wr_regexp_compile(wr_view_text(args[1]->data), flags, true, arena, err);
    return *prepared ? WR_OK : WR_ERR_SQL;
}

/* Where the flags stand, if at all. */
#define REGEXP_PREPARE(place) \
    static wr_status regexp_prepare_##place(wr_arena *arena, const wr_vector *const *args, \
                                            int arg_count, const void **prepared, wr_error *err) \
    { \
        return regexp_prepare(arena, args, arg_count, place, prepared, err); \
    }
REGEXP_PREPARE(2)
REGEXP_PREPARE(3)
REGEXP_PREPARE(4)
REGEXP_PREPARE(5)
enum { FLAGS_NOWHERE = 6 };
REGEXP_PREPARE(FLAGS_NOWHERE)

/* What a failed search is to its row. */
static int
search_outcome(wr_regexp_outcome outcome)
{
    return outcome == WR_REGEXP_LIMIT ? WR_REASON_TOO_LARGE : WR_ROW_OK;
}

static void
regexp_like(wr_call *call)
{
    uint8_t *out = call->out->data;
    regexp_search search = search_start(call);
    for (int i = 0; i < call->n; i++) {
        out[i] = false;
        if (wr_call_skips(call, i)) {
            continue;
        }
        if (!search_row(&search, i, 2)) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
            continue;
        }
        wr_regexp_outcome outcome =
            wr_regexp_find(search.matcher, search.regexp, wr_arg_text(call, 0, i), 0);
        out[i] = outcome == WR_REGEXP_FOUND;
        wr_call_mark(call, i, search_outcome(outcome));
    }
}

/* ── the n-th match ─────────────────────────────────────────────────────────────────────────── */

/* Argument `arg`, a number, or `otherwise` when it was left out. */
static int64_t
number_or(const wr_call *call, int arg, int row, int64_t otherwise)
{
    return arg < call->arg_count ? WR_ARG(call, int64_t, arg, row) : otherwise;
}

/* Finds match `nth` ≥ 1 from character `start` ≥ 1 on. */
static wr_regexp_outcome
find_nth(regexp_search *search, wr_text text, int64_t start, int64_t nth)
{
    size_t from = wr_utf8_offset(text, start - 1);
    wr_regexp_outcome outcome = WR_REGEXP_NONE;
    if (wr_utf8_count(text) + 1 < start) {
        return outcome;
    }
    for (; nth > 0 && from <= text.size; nth--) {
        outcome = wr_regexp_find(search->matcher, search->regexp, text, from);
        if (outcome != WR_REGEXP_FOUND) {
            return outcome;
        }
        from = wr_regexp_next(search->matcher, text);
    }
    return nth == 0 ? outcome : WR_REGEXP_NONE;
}

/* regexp_substr(s, pattern[, start[, nth[, flags[, group]]]]) */
static int
substr_row(regexp_search *search, const wr_call *call, int row, wr_text *result)
{
    wr_text text = wr_arg_text(call, 0, row);
    int64_t start = number_or(call, 2, row, 1);
    int64_t nth = number_or(call, 3, row, 1);
    int64_t group = number_or(call, 5, row, 0);
    if (!search_row(search, row, 4) || start < 1 || nth < 1 || group < 0) {
        return WR_REASON_DOMAIN;
    }
    wr_regexp_outcome outcome = find_nth(search, text, start, nth);
    if (outcome == WR_REGEXP_LIMIT) {
        return search_outcome(outcome);
    }
    size_t from = 0;
    size_t to = 0;
    if (outcome == WR_REGEXP_NONE || group > wr_regexp_groups(search->regexp) ||
        !wr_regexp_group(search->matcher, (int)group, &from, &to)) {
        return WR_ROW_NULL;
    }
    *result = (wr_text){text.data + from, to - from};
    return WR_ROW_OK;
}

static void
regexp_substr(wr_call *call)
{
    regexp_search search = search_start(call);
    for (int i = 0; i < call->n; i++) {
        wr_text result = WR_TEXT("");
        if (!wr_call_skips(call, i)) {
            wr_call_mark(call, i, substr_row(&search, call, i, &result));
        }
        wr_call_set_view(call, i, result);
    }
}

/* regexp_extract(s, pattern[, group]) */
static int
extract_row(regexp_search *search, const wr_call *call, int row, wr_text *result)
{
    wr_text text = wr_arg_text(call, 0, row);
    int64_t group = number_or(call, 2, row, 0);
    if (!search_row(search, row, FLAGS_NOWHERE) || group < 0 ||
        group > wr_regexp_groups(search->regexp)) {
        return WR_REASON_DOMAIN;
    }
    wr_regexp_outcome outcome = wr_regexp_find(search->matcher, search->regexp, text, 0);
    if (outcome == WR_REGEXP_LIMIT) {
        return search_outcome(outcome);
    }
    size_t from = 0;
    size_t to = 0;
    if (outcome == WR_REGEXP_NONE || !wr_regexp_group(search->matcher, (int)group, &from, &to)) {
        return WR_ROW_NULL;
    }
    *result = (wr_text){text.data + from, to - from};
    return WR_ROW_OK;
}

static void
regexp_extract(wr_call *call)
{
    regexp_search search = search_start(call);
    for (int i = 0; i < call->n; i++) {
        wr_text result = WR_TEXT("");
        if (!wr_call_skips(call, i)) {
            wr_call_mark(call, i, extract_row(&search, call, i, &result));
        }
        wr_call_set_view(call, i, result);
    }
}

/* regexp_instr(s, pattern[, start[, nth[, end[, flags]]]]): end 1 gives the place behind it. */
static int
instr_row(regexp_search *search, const wr_call *call, int row, int64_t *result)
{
    wr_text text = wr_arg_text(call, 0, row);
    int64_t start = number_or(call, 2, row, 1);
    int64_t nth = number_or(call, 3, row, 1);
    int64_t end = number_or(call, 4, row, 0);
    if (!search_row(search, row, 5) || start < 1 || nth < 1 || end < 0 || end > 1) {
        return WR_REASON_DOMAIN;
    }
    wr_regexp_outcome outcome = find_nth(search, text, start, nth);
    size_t from = 0;
    size_t to = 0;
    if (outcome == WR_REGEXP_FOUND && wr_regexp_group(search->matcher, 0, &from, &to)) {
        *result = wr_utf8_count((wr_text){text.data, end ? to : from}) + 1;
    }
    return search_outcome(outcome);
}

/* regexp_count(s, pattern[, start[, flags]]) */
static int
count_row(regexp_search *search, const wr_call *call, int row, int64_t *result)
{
    wr_text text = wr_arg_text(call, 0, row);
    int64_t start = number_or(call, 2, row, 1);
    if (!search_row(search, row, 3) || start < 1) {
        return WR_REASON_DOMAIN;
    }
    if (wr_utf8_count(text) + 1 < start) {
        return WR_ROW_OK;
    }
    size_t from = wr_utf8_offset(text, start - 1);
    while (from <= text.size) {
        wr_regexp_outcome outcome = wr_regexp_find(search->matcher, search->regexp, text, from);
        if (outcome != WR_REGEXP_FOUND) {
            return search_outcome(outcome);
        }
        *result += 1;
        from = wr_regexp_next(search->matcher, text);
    }
    return WR_ROW_OK;
}

#define REGEXP_NUMBER_KERNEL(name, row_of) \
    static void name(wr_call *call) \
    { \
        int64_t *out = call->out->data; \
        regexp_search search = search_start(call); \
        for (int i = 0; i < call->n; i++) { \
            out[i] = 0; \
            if (!wr_call_skips(call, i)) { \
                wr_call_mark(call, i, row_of(&search, call, i, &out[i])); \
            } \
        } \
    }
REGEXP_NUMBER_KERNEL(regexp_instr, instr_row)
REGEXP_NUMBER_KERNEL(regexp_count, count_row)

/* ── replacing and splitting ────────────────────────────────────────────────────────────────── */

/* \1 … \9 are groups, \& is the match, \\ a backslash. */
static void
replacement_write(const wr_regexp_matcher *matcher, wr_text text, wr_text replacement,
                  wr_buffer *out)
{
    for (size_t i = 0; i < replacement.size; i++) {
        char c = replacement.data[i];
        char next = i + 1 < replacement.size ? replacement.data[i + 1] : '\0';
        bool is_group = c == '\\' && (next == '&' || (next >= '1' && next <= '9'));
        size_t from = 0;
        size_t to = 0;
        if (is_group && wr_regexp_group(matcher, next == '&' ? 0 : next - '0', &from, &to)) {
            wr_buffer_append(out, text.data + from, to - from);
        } else if (!is_group) {
            wr_buffer_char(out, c);
        }
        i += is_group || (c == '\\' && next == '\\');
    }
}

/* regexp_replace(s, pattern, replacement[, flags]) */
static int
replace_row(regexp_search *search, const wr_call *call, int row, wr_buffer *out)
{
    wr_text text = wr_arg_text(call, 0, row);
    if (!search_row(search, row, 3)) {
        return WR_REASON_DOMAIN;
    }
    size_t from = 0;
    size_t copied = 0;
    bool goes_on = true;
    while (goes_on && from <= text.size) {
        wr_regexp_outcome outcome = wr_regexp_find(search->matcher, search->regexp, text, from);
        size_t start = 0;
        size_t end = 0;
        if (outcome == WR_REGEXP_LIMIT || out->size > WR_RESULT_BYTES_MAX) {
            return WR_REASON_TOO_LARGE;
        }
        if (outcome == WR_REGEXP_NONE || !wr_regexp_group(search->matcher, 0, &start, &end)) {
            break;
        }
        if (start >= copied) { /* \K and lookbehinds cannot go back over what is written */
            wr_buffer_append(out, text.data + copied, start - copied);
            replacement_write(search->matcher, text, wr_arg_text(call, 2, row), out);
            copied = end;
        }
        from = wr_regexp_next(search->matcher, text);
        goes_on = wr_regexp_is_global(search->regexp);
    }
    wr_buffer_append(out, text.data + copied, text.size - copied);
    return WR_ROW_OK;
}

static void
json_item(wr_buffer *out, bool is_first, const char *data, size_t size)
{
    if (!is_first) {
        wr_buffer_append(out, ", ", 2);
    }
    wr_buffer_json_string(out, (wr_text){data, size});
}

/* regexp_split(s, pattern): a match of no length splits, but not at the text's ends. */
static int
split_row(regexp_search *search, const wr_call *call, int row, wr_buffer *out)
{
    wr_text text = wr_arg_text(call, 0, row);
    if (!search_row(search, row, 2)) {
        return WR_REASON_DOMAIN;
    }
    size_t from = 0;
    size_t copied = 0;
    bool is_first = true;
    wr_buffer_char(out, '[');
    while (from <= text.size) {
        wr_regexp_outcome outcome = wr_regexp_find(search->matcher, search->regexp, text, from);
        size_t start = 0;
        size_t end = 0;
        if (outcome == WR_REGEXP_LIMIT) {
            return WR_REASON_TOO_LARGE;
        }
        if (outcome == WR_REGEXP_NONE || !wr_regexp_group(search->matcher, 0, &start, &end)) {
            break;
        }
        from = wr_regexp_next(search->matcher, text);
        if (start == end && (start == copied || start == text.size)) {
            continue;
        }
        json_item(out, is_first, text.data + copied, start - copied);
        is_first = false;
        copied = end;
    }
    json_item(out, is_first, text.data + copied, text.size - copied);
    wr_buffer_char(out, ']');
    return WR_ROW_OK;
}

/* regexp_extract_all(s, pattern[, group]) */
static int
extract_all_row(regexp_search *search, const wr_call *call, int row, wr_buffer *out)
{
    wr_text text = wr_arg_text(call, 0, row);
    int64_t group = number_or(call, 2, row, 0);
    if (!search_row(search, row, FLAGS_NOWHERE) || group < 0 ||
        group > wr_regexp_groups(search->regexp)) {
        return WR_REASON_DOMAIN;
    }
    bool is_first = true;
    wr_buffer_char(out, '[');
    for (size_t from = 0; from <= text.size; from = wr_regexp_next(search->matcher, text)) {
        wr_regexp_outcome outcome = wr_regexp_find(search->matcher, search->regexp, text, from);
        size_t start = 0;
        size_t end = 0;
        if (outcome == WR_REGEXP_LIMIT) {
            return WR_REASON_TOO_LARGE;
        }
        if (outcome == WR_REGEXP_NONE) {
            break;
        }
        if (wr_regexp_group(search->matcher, (int)group, &start, &end)) {
            json_item(out, is_first, text.data + start, end - start);
        } else {
            wr_buffer_text(out, is_first ? WR_TEXT("null") : WR_TEXT(", null"));
        }
        is_first = false;
    }
    wr_buffer_char(out, ']');
    return WR_ROW_OK;
}

typedef int (*search_writer)(regexp_search *search, const wr_call *call, int row, wr_buffer *out);

static void
search_write(wr_call *call, search_writer write)
{
    regexp_search search = search_start(call);
    wr_buffer out;
    wr_buffer_init(&out);
    for (int i = 0; i < call->n; i++) {
        wr_buffer_reset(&out);
        int outcome = wr_call_skips(call, i) ? WR_ROW_NULL : write(&search, call, i, &out);
        wr_call_finish(call, i, outcome, &out);
    }
    wr_buffer_fini(&out);
}

static void
regexp_replace(wr_call *call)
{
    search_write(call, replace_row);
}

static void
regexp_split(wr_call *call)
{
    search_write(call, split_row);
}

static void
regexp_extract_all(wr_call *call)
{
    search_write(call, extract_all_row);
}

#define TT WR_TYPE_TEXT
#define TI WR_TYPE_BIGINT
#define REGEXP(name, result, kernel, flags_place, signature, meaning, example, shown, ...) \
    WR_SCALAR(name, result, WR_FN_CAN_FAIL, kernel, regexp_prepare_##flags_place, signature, \
              meaning, example, shown, TT, TT, __VA_ARGS__)

static const wr_function regexp_entries[] = {
    REGEXP("regexp_like", BOOLEAN, regexp_like, 2, "regexp_like(s, pattern)",
           "Does the regular expression match anywhere in s?", "regexp_like('abc42', '\\d+$')",
           "true", WR_ARG_NONE),
    REGEXP("regexp_like", BOOLEAN, regexp_like, 2, "regexp_like(s, pattern, flags)",
           "With flags: i without case, n by lines, x with spaces.",
           "regexp_like('ABC', '^b?a', 'i')", "true", TT),
    REGEXP("regexp_replace", TEXT, regexp_replace, 3, "regexp_replace(s, pattern, replacement)",
           "The first match replaced; \\1 is a group, \\& the match.",
           "regexp_replace('2026-01', '(\\d+)-(\\d+)', '\\2/\\1')", "01/2026", TT),
    REGEXP("regexp_replace", TEXT, regexp_replace, 3,
           "regexp_replace(s, pattern, replacement, flags)", "With the flag g every match.",
           "regexp_replace('a1b22', '\\d+', '#', 'g')", "a#b#", TT, TT),
    REGEXP("regexp_substr", TEXT, regexp_substr, FLAGS_NOWHERE, "regexp_substr(s, pattern)",
           "The first match; NULL: none.", "regexp_substr('a1b22', '\\d+')", "1", WR_ARG_NONE),
    REGEXP("regexp_substr", TEXT, regexp_substr, FLAGS_NOWHERE, "regexp_substr(s, pattern, start)",
           "The first match from a character on.", "regexp_substr('a1b22', '\\d+', 3)", "22", TI),
    REGEXP("regexp_substr", TEXT, regexp_substr, FLAGS_NOWHERE,
           "regexp_substr(s, pattern, start, n)", "Match n from there.",
           "regexp_substr('a1b22', '\\d+', 1, 2)", "22", TI, TI),
    REGEXP("regexp_substr", TEXT, regexp_substr, 4, "regexp_substr(s, pattern, start, n, flags)",
           "With flags.", "regexp_substr('xA', 'a', 1, 1, 'i')", "A", TI, TI, TT),
    REGEXP("regexp_substr", TEXT, regexp_substr, 4,
           "regexp_substr(s, pattern, start, n, flags, group)", "A group of the match.",
           "regexp_substr('k=v', '(\\w)=(\\w)', 1, 1, '', 2)", "v", TI, TI, TT, TI),
    REGEXP("regexp_extract", TEXT, regexp_extract, FLAGS_NOWHERE, "regexp_extract(s, pattern)",
           "The first match; NULL: none.", "regexp_extract('host-17', '\\d+')", "17", WR_ARG_NONE),
    REGEXP("regexp_extract", TEXT, regexp_extract, FLAGS_NOWHERE,
           "regexp_extract(s, pattern, group)", "A group of the first match, 0: all of it.",
           "regexp_extract('k=v', '(\\w)=(\\w)', 2)", "v", TI),
    REGEXP("regexp_extract_all", JSON, regexp_extract_all, FLAGS_NOWHERE,
           "regexp_extract_all(s, pattern)", "Every match, as a JSON array.",
           "regexp_extract_all('a1b22', '\\d+')", "[\"1\", \"22\"]", WR_ARG_NONE),
    REGEXP("regexp_extract_all", JSON, regexp_extract_all, FLAGS_NOWHERE,
           "regexp_extract_all(s, pattern, group)", "That group of every match.",
           "regexp_extract_all('a=1 b=2', '(\\w)=(\\w)', 1)", "[\"a\", \"b\"]", TI),
    REGEXP("regexp_count", BIGINT, regexp_count, FLAGS_NOWHERE, "regexp_count(s, pattern)",
           "How many matches there are.", "regexp_count('a1b22', '\\d')", "3", WR_ARG_NONE),
    REGEXP("regexp_count", BIGINT, regexp_count, FLAGS_NOWHERE, "regexp_count(s, pattern, start)",
           "From a character on.", "regexp_count('a1b22', '\\d', 3)", "2", TI),
    REGEXP("regexp_count", BIGINT, regexp_count, 3, "regexp_count(s, pattern, start, flags)",
           "With flags.", "regexp_count('aAa', 'a', 1, 'i')", "3", TI, TT),
    REGEXP("regexp_instr", BIGINT, regexp_instr, FLAGS_NOWHERE, "regexp_instr(s, pattern)",
           "Where the first match starts, from 1; 0: none.", "regexp_instr('ab12', '\\d')", "3",
           WR_ARG_NONE),
    REGEXP("regexp_instr", BIGINT, regexp_instr, FLAGS_NOWHERE, "regexp_instr(s, pattern, start)",
           "From a character on.", "regexp_instr('1ab2', '\\d', 2)", "4", TI),
    REGEXP("regexp_instr", BIGINT, regexp_instr, FLAGS_NOWHERE,
           "regexp_instr(s, pattern, start, n)", "Where match n starts.",
           "regexp_instr('ab12', '\\d', 1, 2)", "4", TI, TI),
    REGEXP("regexp_instr", BIGINT, regexp_instr, FLAGS_NOWHERE,
           "regexp_instr(s, pattern, start, n, end)", "With end 1: the place behind the match.",
           "regexp_instr('ab12c', '\\d+', 1, 1, 1)", "5", TI, TI, TI),
    REGEXP("regexp_instr", BIGINT, regexp_instr, 5,
           "regexp_instr(s, pattern, start, n, end, flags)", "With flags.",
           "regexp_instr('xA', 'a', 1, 1, 0, 'i')", "2", TI, TI, TI, TT),
    REGEXP("regexp_split", JSON, regexp_split, 2, "regexp_split(s, pattern)",
           "What lies between the matches, as a JSON array.", "regexp_split('a, b;c', '[,;]\\s*')",
           "[\"a\", \"b\", \"c\"]", WR_ARG_NONE),
    REGEXP("regexp_split", JSON, regexp_split, 2, "regexp_split(s, pattern, flags)", "With flags.",
           "regexp_split('aXb', 'x', 'i')", "[\"a\", \"b\"]", TT),
};

const wr_function_table wr_functions_regexp = WR_TABLE(regexp_entries);
