/* Regular expressions over texts: PCRE2's, with PostgreSQL's defaults (a dot takes newlines, $ is
 * the very end, \w and \d know all letters and digits).
 *
 * A pattern is const once compiled: any thread may match it, each with a matcher of its own. */
#ifndef WEIR_FUNCTIONS_REGEXP_H
#define WEIR_FUNCTIONS_REGEXP_H

#include "core/arena.h"
#include "functions/function.h"

typedef struct wr_regexp wr_regexp;
typedef struct wr_regexp_matcher wr_regexp_matcher;

/* Compiles `pattern` in `arena`, whose end ends it. Letters of `flags`: i without case, g every
 * match (for those who replace), n or m: ^ and $ at lines and no dot for a newline, s the default,
 * x with spaces and comments. `fast`: as machine code, worth it for patterns that are used often.
 * NULL: it is none; `err` (may be NULL) says what and where. */
const wr_regexp *wr_regexp_compile(wr_text pattern, wr_text flags, bool fast, wr_arena *arena,
                                   wr_error *err);
bool wr_regexp_is_global(const wr_regexp *regexp);
/* Capture groups, without the whole match. */
int wr_regexp_groups(const wr_regexp *regexp);

/* Where matches are put; lives as long as the arena. One thread. */
wr_regexp_matcher *wr_regexp_matcher_new(wr_arena *arena);

typedef enum wr_regexp_outcome {
    WR_REGEXP_NONE,
    WR_REGEXP_FOUND,
    WR_REGEXP_LIMIT /* gave up: the pattern tries too many ways on this text */
} wr_regexp_outcome;

/* The first match that starts at byte `from` ≤ text.size or later. */
wr_regexp_outcome wr_regexp_find(wr_regexp_matcher *matcher, const wr_regexp *regexp, wr_text text,
                                 size_t from);
/* The byte range of group `group` of the last match, 0: all of it; false: took no part. */
bool wr_regexp_group(const wr_regexp_matcher *matcher, int group, size_t *start, size_t *end);
/* Where to look for the next match: behind the last one, a character further if it was empty; may
 * be text.size + 1, then there is none. */
size_t wr_regexp_next(const wr_regexp_matcher *matcher, wr_text text);

#endif
