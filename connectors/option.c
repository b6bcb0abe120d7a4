/* Checks and reads the options of connectors, formats and statements against their tables.
 *
 *     kafka('t', formt = 'json')      tables: kafka's own ─▶ common ─▶ format's
 *                ^^^^^ E0601: connector kafka has no option "formt", did you mean "format"?
 *
 * Invariants
 * 1. A value is read by the same function when it is checked and when it is got; so a getter never
 *    meets a value that it cannot read.
 * 2. An option that was refused is named with its position in the SQL text.
 * 3. Values never stand in a message for an option whose name smells of a secret. */
#include "connectors/option.h"

#include <stdio.h>
#include <string.h>

enum { CANDIDATES_MAX = 128 };

/* ── reading values ─────────────────────────────────────────────────────────────────────────── */

static bool
value_bool(wr_text text, int64_t *out)
{
    static const char *const words[] = {"false", "true", "off", "on", "no", "yes", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (wr_text_equal_nocase(text, wr_text_from(words[i]))) {
            *out = (int64_t)(i & 1);
            return true;
        }
    }
    return false;
}

static bool
value_duration(wr_text text, int64_t *out)
{
    wr_interval interval;
    if (!wr_interval_parse(text, &interval) || interval.months != 0) {
        return false;
    }
    *out = interval.micros;
    return true;
}

/* Is `text` one of the words of "a|b|c"? */
static bool
value_choice(wr_text text, const char *choices)
{
    for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
        if (wr_text_equal_nocase(text, (wr_text){at, strcspn(at, "|")})) {
            return true;
        }
    }
    return false;
}

/* Reads a value as its kind says; false: it does not have that form (bounds are not looked at). */
static bool
value_read(const wr_option_spec *spec, wr_text text, int64_t *out)
{
    *out = 0;
    switch (spec->kind) {
    case WR_OPTION_TEXT: return true;
    case WR_OPTION_BOOL: return value_bool(text, out);
    case WR_OPTION_INT: return wr_text_to_int64(text, out);
    case WR_OPTION_DURATION: return value_duration(text, out);
    case WR_OPTION_SIZE: return wr_size_parse(text, out);
    case WR_OPTION_CHOICE: return value_choice(text, spec->choices);
    }
    return false;
}

static bool
value_in_bounds(const wr_option_spec *spec, int64_t value)
{
    bool bounded = spec->kind == WR_OPTION_INT || spec->kind == WR_OPTION_DURATION ||
                   spec->kind == WR_OPTION_SIZE;
    if (!bounded) {
        return true;
    }
    if (spec->min == 0 && spec->max == 0) {
        return value >= 0;
    }
    return value >= spec->min && value <= spec->max;
}

/* ── checking ───────────────────────────────────────────────────────────────────────────────── */

static const wr_option_spec *
table_find(const wr_option_spec *table, wr_text name)
{
    for (; table && table->name; table++) {
        if (wr_text_equal_nocase(name, wr_text_from(table->name))) {
            return table;
        }
    }
    return NULL;
}

static const wr_option_spec *
tables_find(const wr_option_spec *const *tables, wr_text name)
{
    for (; *tables; tables++) {
        const wr_option_spec *spec = table_find(*tables, name);
        if (spec) {
            return spec;
        }
    }
    return NULL;
}

const char *
wr_option_elsewhere(wr_text name)
{
    static const struct {
        const char *name, *here;
    } options[] = {
        {"properties.bootstrap.servers", "Its name here is brokers."},
        {"kafka.bootstrap.servers", "Its name here is brokers."},
        {"bootstrap_servers", "Its name here is brokers."},
        {"servers", "Its name here is brokers."},
        {"kafka_topic", "Its name here is topic."},
        {"subscribe", "Its name here is topic."},
        {"value_format", "Its name here is format."},
        {"value.format", "Its name here is format."},
        {"scan.startup.mode", "Its name here is start: 'earliest', 'latest' or a time."},
        {"startingOffsets", "Its name here is start: 'earliest', 'latest' or a time."},
        {"auto.offset.reset", "Its name here is start: 'earliest', 'latest' or a time."},
        {"key_format", "Keys are texts; a column has one by METADATA FROM '_key'."},
        {"key.format", "Keys are texts; a column has one by METADATA FROM '_key'."},
        {"key.fields", "Its name here is key."},
        {"timestamp", "Say it among the columns: WATERMARK FOR column."},
        {"partitions", "The topic has them already; a sink makes a topic by create = 'yes'."},
        {"properties.group.id", "There are no groups: a job keeps its positions in its state."},
        {"group.id", "There are no groups: a job keeps its positions in its state."},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(options[i].name))) {
            return options[i].here;
        }
    }
    return NULL;
}

static wr_status
unknown_name(const wr_option *option, const wr_option_spec *const *tables, const char *what,
             wr_error *err)
{
    wr_text names[CANDIDATES_MAX];
    int count = 0;
    char list[512];
    size_t list_size = 0;
    for (; *tables; tables++) {
        for (const wr_option_spec *spec = *tables; spec->name && count < CANDIDATES_MAX; spec++) {
            size_t size = strlen(spec->name);
            if (list_size + size + 3 < sizeof list) {
                memcpy(list + list_size, ", ", 2);
                memcpy(list + list_size + 2, spec->name, size);
                list_size += size + 2;
            }
            names[count++] = wr_text_from(spec->name);
        }
    }
    wr_error_set(err, WR_ERR_SQL, "E0601", "%s has no option \"%.*s\"", what,
                 WR_TEXT_ARG(option->name));
    if (list_size > 2) {
        wr_error_detail(err, "its options are %.*s", (int)list_size - 2, list + 2);
    }
    int near = wr_text_nearest(option->name, names, count);
    const char *here = wr_option_elsewhere(option->name);
    if (here) {
        wr_error_hint(err, "%s", here);
    } else if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    }
    wr_error_at(err, option->position, option->length > 0 ? option->length : 1);
    return WR_ERR_SQL;
}

bool
wr_option_is_secret(wr_text name)
{
    static const char *const words[] = {"password", "secret", "token",   "pem",
                                        "ssl_key",  "jaas",   "ssl.key", "oauthbearer.config"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        wr_text word = wr_text_from(words[i]);
        for (size_t at = 0; at + word.size <= name.size; at++) {
            if (wr_text_equal_nocase((wr_text){name.data + at, word.size}, word)) {
                return true;
            }
        }
    }
    return false;
}

const char *
wr_option_kind_name(wr_option_kind kind)
{
    switch (kind) {
    case WR_OPTION_TEXT: return "text";
    case WR_OPTION_BOOL: return "boolean";
    case WR_OPTION_INT: return "whole number";
    case WR_OPTION_DURATION: return "duration";
    case WR_OPTION_SIZE: return "size";
    case WR_OPTION_CHOICE: return "choice";
    }
    return "";
}

void
wr_size_print(int64_t bytes, wr_buffer *out)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    int unit = 0;
    while (unit < 4 && bytes != 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    wr_buffer_printf(out, "%lld %s", (long long)bytes, units[unit]);
}

static void
number_print(wr_option_kind kind, int64_t value, wr_buffer *out)
{
    char text[WR_INTERVAL_TEXT_MAX];
    if (kind == WR_OPTION_SIZE) {
        wr_size_print(value, out);
    } else if (kind == WR_OPTION_DURATION) {
        wr_buffer_append(out, text, wr_interval_print((wr_interval){0, value}, text));
    } else {
        wr_buffer_printf(out, "%lld", (long long)value);
    }
}

void
wr_option_bounds(const wr_option_spec *spec, wr_buffer *out)
{
    switch (spec->kind) {
    case WR_OPTION_TEXT: return;
    case WR_OPTION_BOOL: wr_buffer_text(out, WR_TEXT("on, off")); return;
    case WR_OPTION_CHOICE:
        for (const char *at = spec->choices; *at; at++) {
            wr_buffer_text(out, *at == '|' ? WR_TEXT(", ") : (wr_text){at, 1});
        }
        return;
    case WR_OPTION_INT:
    case WR_OPTION_DURATION:
    case WR_OPTION_SIZE:
        number_print(spec->kind, spec->min, out);
        if (spec->max > 0) {
            wr_buffer_text(out, WR_TEXT(" to "));
            number_print(spec->kind, spec->max, out);
        } else {
            wr_buffer_text(out, WR_TEXT(" or more"));
        }
        return;
    }
}

/* "a|b|c" as: expected a, b or c */
static void
choices_describe(const char *choices, wr_error *err)
{
    char list[200];
    size_t size = 0;
    for (const char *at = choices; at && size + 40 < sizeof list;) {
        const char *bar = strchr(at, '|');
        const char *between = at == choices ? "" : bar ? ", " : " or ";
        int length = bar ? (int)(bar - at) : (int)strlen(at);
        size += (size_t)snprintf(list + size, sizeof list - size, "%s'%.*s'", between, length, at);
        at = bar ? bar + 1 : NULL;
    }
    wr_error_detail(err, "expected %s", list);
}

static void
expected_describe(const wr_option_spec *spec, wr_error *err)
{
    wr_buffer bounds;
    wr_buffer_init(&bounds);
    if (spec->max > 0) {
        wr_buffer_text(&bounds, WR_TEXT(", from "));
        wr_option_bounds(spec, &bounds);
    }
    const char *within = wr_buffer_cstr(&bounds);
    switch (spec->kind) {
    case WR_OPTION_TEXT: break;
    case WR_OPTION_BOOL: wr_error_detail(err, "expected true or false"); break;
    case WR_OPTION_INT:
        wr_error_detail(err, "expected a whole number%s",
                        spec->max > 0 ? within + 1 : " of at least 0");
        break;
    case WR_OPTION_DURATION:
        wr_error_detail(err, "expected a duration such as '5 s' or '2 minutes'%s", within);
        break;
    case WR_OPTION_SIZE: wr_error_detail(err, "expected a size such as '64 MB'%s", within); break;
    case WR_OPTION_CHOICE: choices_describe(spec->choices, err); break;
    }
    wr_buffer_fini(&bounds);
    if (spec->doc) {
        wr_error_hint(err, "%s: %s", spec->name, spec->doc);
    }
}

static wr_status
bad_value(const wr_option *option, const wr_option_spec *spec, const char *what, wr_error *err)
{
    if (wr_option_is_secret(wr_text_from(spec->name))) {
        wr_error_set(err, WR_ERR_SQL, "E0602", "%s: bad value for option \"%s\"", what, spec->name);
    } else {
        int shown = option->value.size > 60 ? 60 : (int)option->value.size;
        wr_error_set(err, WR_ERR_SQL, "E0602", "%s: bad value '%.*s' for option \"%s\"", what,
                     shown, option->value.data ? option->value.data : "", spec->name);
    }
    expected_describe(spec, err);
    wr_error_at(err, option->position, option->length > 0 ? option->length : 1);
    return WR_ERR_SQL;
}

static wr_status
option_repeated(wr_options options, int index, const char *what, wr_error *err)
{
    const wr_option *option = &options.items[index];
    for (int i = 0; i < index; i++) {
        if (wr_text_equal_nocase(options.items[i].name, option->name)) {
            wr_error_set(err, WR_ERR_SQL, "E0602", "%s: option \"%.*s\" is given twice", what,
                         WR_TEXT_ARG(option->name));
            wr_error_at(err, option->position, option->length > 0 ? option->length : 1);
            return WR_ERR_SQL;
        }
    }
    return WR_OK;
}

/* `alternatives`: see wr_options_check. */
static bool
name_passes(wr_text name, const char *alternatives)
{
    for (const char *at = alternatives; at;) {
        const char *bar = strchr(at, '|');
        wr_text prefix = {at, bar ? (size_t)(bar - at) : strlen(at)};
        bool any_dotted = prefix.size == 1 && *at == '.';
        if (any_dotted ? memchr(name.data, '.', name.size) != NULL
                       : wr_text_starts_with(name, prefix)) {
            return true;
        }
        at = bar ? bar + 1 : NULL;
    }
    return false;
}

wr_status
wr_options_check(wr_options options, const wr_option_spec *const *tables, const char *passthrough,
                 const char *what, wr_error *err)
{
    for (int i = 0; i < options.count; i++) {
        const wr_option *option = &options.items[i];
        if (option->positional && option->name.size == 0) {
            continue; /* the caller has no name for it: the connector checks it itself */
        }
        WR_TRY(option_repeated(options, i, what, err));
        const wr_option_spec *spec = tables_find(tables, option->name);
        int64_t value;
        if (spec && (!value_read(spec, option->value, &value) || !value_in_bounds(spec, value))) {
            return bad_value(option, spec, what, err);
        }
        if (!spec && !name_passes(option->name, passthrough)) {
            return unknown_name(option, tables, what, err);
        }
    }
    return WR_OK;
}

/* ── getters ────────────────────────────────────────────────────────────────────────────────── */

const wr_option *
wr_options_find(wr_options options, const char *name)
{
    wr_text wanted = wr_text_from(name);
    for (int i = 0; i < options.count; i++) {
        if (wr_text_equal_nocase(options.items[i].name, wanted)) {
            return &options.items[i];
        }
    }
    return NULL;
}

const wr_option *
wr_options_first(wr_options options, const char *name)
{
    const wr_option *option = wr_options_find(options, name);
    for (int i = 0; !option && i < options.count; i++) {
        option = options.items[i].positional ? &options.items[i] : NULL;
    }
    return option;
}

wr_text
wr_options_text(wr_options options, const wr_option_spec *table, const char *name)
{
    const wr_option *option = wr_options_find(options, name);
    if (option) {
        return option->value;
    }
    const wr_option_spec *spec = table_find(table, wr_text_from(name));
    return spec ? wr_text_from(spec->default_text) : WR_TEXT_NONE;
}

int64_t
wr_options_int(wr_options options, const wr_option_spec *table, const char *name)
{
    const wr_option_spec *spec = table_find(table, wr_text_from(name));
    wr_text text = wr_options_text(options, table, name);
    int64_t value = 0;
    if (!spec || !text.data || !value_read(spec, text, &value)) {
        return 0;
    }
    return value;
}

bool
wr_options_bool(wr_options options, const wr_option_spec *table, const char *name)
{
    return wr_options_int(options, table, name) != 0;
}
