/* Regular expressions by PCRE2.
 *
 *   pattern ──▶ code (in the arena) ──▶ machine code (PCRE2's own memory, freed with the arena)
 *
 * Idea: what can lies in an arena; what cannot, the machine code, is freed at the arena's end.
 *
 * 1. Text and pattern are valid UTF-8 and are not checked again.
 * 2. Every match is bounded, in steps and in memory: a bad pattern costs its row, not the stream.
 * 3. Texts that need more stack than machine code has are matched by the interpreter. */
#include "functions/regexp.h"

#include "functions/utf8_text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    REGEXP_MATCH_LIMIT = 10 * 1000 * 1000, /* steps of a match */
    REGEXP_HEAP_LIMIT_KB = 64 * 1024,
    REGEXP_PATTERN_BYTES_MAX = 64 * 1024,
    REGEXP_GROUPS_MAX = 64
};

struct wr_regexp {
    pcre2_code *code;
    bool is_global;
    int groups;
};

struct wr_regexp_matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
    int found; /* groups that took part, as PCRE2 counts them */
};

static void *
arena_take(size_t size, void *arena)
{
    return wr_arena_alloc(arena, size);
}

static void
arena_keep(void *block, void *arena)
{
    (void)block;
    (void)arena;
}

static void
code_end(void *code)
{
    pcre2_code_free(code);
}

/* −1: no such flag. */
static int64_t
flag_options(char flag)
{
    switch (flag) {
    case 'i': return PCRE2_CASELESS;
    case 'x': return PCRE2_EXTENDED;
    case 'n':
    case 'm': return PCRE2_MULTILINE;
    case 'c':
    case 'g':
    case 's': return 0;
    }
    return -1;
}

static bool
flags_read(wr_text flags, uint32_t *options, bool *is_global, wr_error *err)
{
    *options = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
    *is_global = false;
    for (size_t i = 0; i < flags.size; i++) {
        int64_t more = flag_options(flags.data[i]);
        if (more < 0) {
            wr_error_set(err, WR_ERR_SQL, "E0304", "no flag \"%.*s\" of regular expressions",
                         (int)wr_utf8_step(flags, i), flags.data + i);
            wr_error_hint(err, "flags: i without case, g every match, n lines, x with spaces");
            return false;
        }
        *options |= (uint32_t)more;
        *is_global = *is_global || flags.data[i] == 'g';
    }
    if (!(*options & PCRE2_MULTILINE)) {
        *options |= PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY;
    }
    return true;
}

static void
pattern_refuse(wr_text pattern, int code, size_t at, wr_error *err)
{
    PCRE2_UCHAR what[256] = "";
    pcre2_get_error_message(code, what, sizeof(what));
    at = at < pattern.size ? at : pattern.size;
    int64_t character = wr_utf8_count((wr_text){pattern.data, at}) + 1;
    wr_error_set(err, WR_ERR_SQL, "E0304", "bad regular expression \"%.*s\"", WR_TEXT_ARG(pattern));
    wr_error_detail(err, "%s, at character %lld of it", (const char *)what, (long long)character);
    wr_error_hint(err, "a character that stands for itself is written with a \\ before it: '\\('");
}

const wr_regexp *
wr_regexp_compile(wr_text pattern, wr_text flags, bool fast, wr_arena *arena, wr_error *err)
{
    uint32_t options = 0;
    wr_regexp *regexp = WR_NEW(arena, wr_regexp);
    if (!flags_read(flags, &options, &regexp->is_global, err)) {
        return NULL;
    }
    if (pattern.size > REGEXP_PATTERN_BYTES_MAX) {
        wr_error_set(err, WR_ERR_SQL, "E0304", "a regular expression of more than %d bytes",
                     REGEXP_PATTERN_BYTES_MAX);
        return NULL;
    }
    pcre2_general_context *memory = pcre2_general_context_create(arena_take, arena_keep, arena);
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    int code = 0;
    size_t at = 0;
    regexp->code = pcre2_compile((PCRE2_SPTR)(pattern.size ? pattern.data : ""), pattern.size,
                                 options, &code, &at, context);
    if (!regexp->code) {
        pattern_refuse(pattern, code, at, err);
        return NULL;
    }
    if (fast && pcre2_jit_compile(regexp->code, PCRE2_JIT_COMPLETE) == 0) {
        wr_arena_defer(arena, code_end, regexp->code);
    }
    uint32_t groups = 0;
    pcre2_pattern_info(regexp->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    regexp->groups = groups < REGEXP_GROUPS_MAX ? (int)groups : REGEXP_GROUPS_MAX - 1;
    return regexp;
}

bool
wr_regexp_is_global(const wr_regexp *regexp)
{
    return regexp->is_global;
}

int
wr_regexp_groups(const wr_regexp *regexp)
{
    return regexp->groups;
}

wr_regexp_matcher *
wr_regexp_matcher_new(wr_arena *arena)
{
    wr_regexp_matcher *matcher = WR_NEW(arena, wr_regexp_matcher);
    pcre2_general_context *memory = pcre2_general_context_create(arena_take, arena_keep, arena);
    matcher->data = pcre2_match_data_create(REGEXP_GROUPS_MAX, memory);
    matcher->context = pcre2_match_context_create(memory);
    pcre2_set_match_limit(matcher->context, REGEXP_MATCH_LIMIT);
    pcre2_set_heap_limit(matcher->context, REGEXP_HEAP_LIMIT_KB);
    return matcher;
}

wr_regexp_outcome
wr_regexp_find(wr_regexp_matcher *matcher, const wr_regexp *regexp, wr_text text, size_t from)
{
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.size ? text.data : "");
    int found = pcre2_match(regexp->code, subject, text.size, from, PCRE2_NO_UTF_CHECK,
                            matcher->data, matcher->context);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT) {
        found = pcre2_match(regexp->code, subject, text.size, from,
                            PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, matcher->data, matcher->context);
    }
    matcher->found = found == 0 ? REGEXP_GROUPS_MAX : found;
    return found >= 0                     ? WR_REGEXP_FOUND
           : found == PCRE2_ERROR_NOMATCH ? WR_REGEXP_NONE
                                          : WR_REGEXP_LIMIT;
}

bool
wr_regexp_group(const wr_regexp_matcher *matcher, int group, size_t *start, size_t *end)
{
    if (group >= matcher->found) {
        return false;
    }
    const size_t *offsets = pcre2_get_ovector_pointer(matcher->data);
    *start = offsets[2 * group];
    *end = offsets[2 * group + 1];
    return *start != PCRE2_UNSET && *start <= *end; /* \K may put the start behind the end */
}

size_t
wr_regexp_next(const wr_regexp_matcher *matcher, wr_text text)
{
    const size_t *offsets = pcre2_get_ovector_pointer(matcher->data);
    size_t end = offsets[1] > offsets[0] ? offsets[1] : offsets[0];
    if (offsets[0] < offsets[1]) {
        return end;
    }
    return end < text.size ? end + wr_utf8_step(text, end) : text.size + 1;
}
