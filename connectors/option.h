/* Options of connectors, formats and statements: one table validates, documents and completes. */
#ifndef WEIR_CONNECTORS_OPTION_H
#define WEIR_CONNECTORS_OPTION_H

#include "core/arena.h"
#include "core/buffer.h"
#include "core/error.h"
#include "core/time.h"

typedef enum wr_option_kind {
    WR_OPTION_TEXT,
    WR_OPTION_BOOL,     /* true/false/on/off/yes/no/1/0 */
    WR_OPTION_INT,      /* bounds min..max */
    WR_OPTION_DURATION, /* '5 s'; a bare number is seconds; µs */
    WR_OPTION_SIZE,     /* '256 MB'; a bare number is bytes */
    WR_OPTION_CHOICE    /* one of `choices`, separated by '|' */
} wr_option_kind;

typedef struct wr_option_spec {
    const char *name;
    wr_option_kind kind;
    const char *default_text; /* NULL: none */
    const char *choices;
    int64_t min, max; /* INT, DURATION (µs), SIZE; both 0: any ≥ 0 */
    const char *doc;
} wr_option_spec;

/* An option as written; position is a byte offset in the SQL text. */
typedef struct wr_option {
    wr_text name, value;
    int position, length;
    bool positional; /* first argument of kafka('topic'): name is "" (or what it stands for) */
} wr_option;

typedef struct wr_options {
    const wr_option *items;
    int count;
} wr_options;

/* Checks every option against the tables (NULL-name-terminated; `tables` NULL-terminated): unknown
 * name → E0601 with did-you-mean, bad value or repetition → E0602, with position. `passthrough`
 * accepts further names: prefixes separated by '|', where "." stands for every name with a dot in
 * it (NULL: none). `what` is named in messages: "connector kafka". */
wr_status wr_options_check(wr_options options, const wr_option_spec *const *tables,
                           const char *passthrough, const char *what, wr_error *err);

/* Getters: by name without case; when absent, the default of `table` (or none / 0 / false). The
 * values have been checked before. */
const wr_option *wr_options_find(wr_options options, const char *name);
/* The same, else the positional one: what kafka('t') and kafka(topic = 't') both say. */
const wr_option *wr_options_first(wr_options options, const char *name);
wr_text wr_options_text(wr_options options, const wr_option_spec *table, const char *name);
int64_t wr_options_int(wr_options options, const wr_option_spec *table, const char *name);
bool wr_options_bool(wr_options options, const wr_option_spec *table, const char *name);

/* The kind in words ("whole number"), and what values it may have ("0 to 1024", "fail, skip";
 * nothing when all may be), appended. */
const char *wr_option_kind_name(wr_option_kind kind);
void wr_option_bounds(const wr_option_spec *spec, wr_buffer *out);
/* "256 MB": a size as wr_size_parse reads it, appended. */
void wr_size_print(int64_t bytes, wr_buffer *out);

/* Does an option of this name hold a secret (password, token, key)? Its value is never shown. */
bool wr_option_is_secret(wr_text name);

/* A hint what an option of Flink, ksqlDB or Spark is called here; NULL: it is none of theirs. */
const char *wr_option_elsewhere(wr_text name);

#endif
