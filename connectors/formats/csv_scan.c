/* Finds fields and records of CSV text in one pass forward.
 *
 *   a,"b, ""c""",,"x        fields: a │ b, ""c"" (quoted, doubled) │ (empty) │ x↵y (quoted)
 *   y"
 *
 * 1. cut and record_read see the same record ends: both open a quote only at the start of a field,
 *    and both take text behind a closing quote as unquoted until the next delimiter.
 * 2. A record always ends behind a newline outside quotes or at the end of the bytes, so reading
 *    moves forward whatever the bytes are.
 * 3. \r before \n belongs to the line end; any other \r is content. */
#include "connectors/formats/csv_scan.h"

#include "connectors/formats/kernels.h"

#include <string.h>

const wr_option_spec wr_csv_options[] = {
    {"header", WR_OPTION_BOOL, "true", NULL, 0, 0,
     "whether a file starts with a line of column names"},
    {"delimiter", WR_OPTION_TEXT, ",", NULL, 0, 0, "the character between fields"},
    {"null", WR_OPTION_TEXT, "", NULL, 0, 0, "the unquoted text that means NULL"},
    {0}};

wr_status
wr_csv_dialect_read(wr_options options, wr_csv_dialect *dialect, wr_error *err)
{
    dialect->header = wr_options_bool(options, wr_csv_options, "header");
    dialect->null_text = wr_options_text(options, wr_csv_options, "null");
    wr_text delimiter = wr_options_text(options, wr_csv_options, "delimiter");
    if (wr_text_equal(delimiter, WR_TEXT("\\t"))) {
        delimiter = WR_TEXT("\t");
    }
    dialect->delimiter = delimiter.size == 1 ? delimiter.data[0] : ',';
    if (delimiter.size != 1 || (unsigned char)delimiter.data[0] >= 0x80 ||
        strchr("\"\r\n", delimiter.data[0]) != NULL) {
        wr_error_set(err, WR_ERR_SQL, "E0602", "format csv: bad delimiter \"%.*s\"",
                     WR_TEXT_ARG(delimiter));
        wr_error_hint(err, "delimiter is one ASCII character, such as ';' or '\\t'");
        const wr_option *option = wr_options_find(options, "delimiter");
        if (option) {
            wr_error_at(err, option->position, option->length > 0 ? option->length : 1);
        }
        return WR_ERR_SQL;
    }
    return WR_OK;
}

/* Behind the opening quote: the closing one, or `end`. */
static const char *
quote_end(const char *at, const char *end, bool *doubled)
{
    for (;;) {
        at = memchr(at, '"', (size_t)(end - at));
        if (!at) {
            return end;
        }
        if (at + 1 == end || at[1] != '"') {
            return at;
        }
        *doubled = true;
        at += 2;
    }
}

static const char *
plain_end(const char *at, const char *end, char delimiter)
{
    while (at < end && *at != delimiter && *at != '\n') {
        at++;
    }
    return at;
}

/* One field; returns the delimiter, the newline or the end behind it. */
static const char *
field_read(const char *at, const char *end, char delimiter, wr_csv_field *field,
           const char **fault)
{
    *field = (wr_csv_field){.data = at};
    if (at == end || *at != '"') {
        const char *stop = plain_end(at, end, delimiter);
        bool is_last = stop == end || *stop == '\n';
        field->size = (size_t)(stop - at);
        field->size -= is_last && field->size > 0 && stop[-1] == '\r';
        return stop;
    }
    field->quoted = true;
    field->data = at + 1;
    const char *quote = quote_end(at + 1, end, &field->doubled);
    field->size = (size_t)(quote - field->data);
    if (quote == end) {
        *fault = *fault ? *fault : at;
        return end;
    }
    const char *stop = plain_end(quote + 1, end, delimiter);
    bool is_line_end = stop - quote == 2 && quote[1] == '\r' && (stop == end || *stop == '\n');
    if (stop != quote + 1 && !is_line_end) {
        *fault = *fault ? *fault : quote + 1;
    }
    return stop;
}

static int
newlines_count(const char *at, size_t size)
{
    int count = 0;
    for (const char *end = at + size; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++) {
        count++;
    }
    return count;
}

void
wr_csv_record_read(const char *at, const char *end, char delimiter, wr_csv_record *record)
{
    const char *begin = at;
    record->count = 0;
    record->newline_count = 0;
    record->fault = NULL;
    for (;; at++) {
        wr_csv_field field;
        at = field_read(at, end, delimiter, &field, &record->fault);
        if (record->count < record->capacity) {
            record->fields[record->count] = field;
        }
        record->count++;
        if (field.quoted) {
            record->newline_count += newlines_count(field.data, field.size);
        }
        if (at == end || *at == '\n') {
            break;
        }
    }
    size_t size = (size_t)(at - begin);
    record->text = (wr_text){begin, size - (size > 0 && at[-1] == '\r')};
    record->next = at < end ? at + 1 : end;
    record->newline_count += at < end;
}

wr_text
wr_csv_unquote(const wr_csv_field *field, wr_arena *arena)
{
    if (!field->doubled) {
        return (wr_text){field->data, field->size};
    }
    char *out = wr_arena_bytes(arena, field->size);
    size_t size = 0;
    for (size_t i = 0; i < field->size; i++) {
        out[size++] = field->data[i];
        i += field->data[i] == '"';
    }
    return (wr_text){out, size};
}

bool
wr_csv_is_null(const wr_csv_field *field, const wr_csv_dialect *dialect)
{
    return !field->quoted &&
           (field->size == 0 ||
            wr_text_equal((wr_text){field->data, field->size}, dialect->null_text));
}

size_t
wr_csv_cut(const char *data, size_t size, wr_options options)
{
    size_t whole;
    if (!memchr(data, '"', size)) {
        for (whole = size; whole > 0 && data[whole - 1] != '\n';) {
            whole--;
        }
        return whole;
    }
    wr_csv_dialect dialect;
    if (wr_csv_dialect_read(options, &dialect, NULL) != WR_OK) {
        return 0;
    }
    const char *end = data + size;
    bool irregular;
    whole = wr_kernels_best()->csv_whole(data, size, dialect.delimiter, &irregular);
    for (const char *at = data + whole; irregular && at < end; at++) {
        bool doubled;
        if (*at == '"') {
            at = quote_end(at + 1, end, &doubled);
        }
        at = plain_end(at, end, dialect.delimiter);
        if (at == end) {
            break;
        }
        whole = *at == '\n' ? (size_t)(at + 1 - data) : whole;
    }
    return whole;
}
