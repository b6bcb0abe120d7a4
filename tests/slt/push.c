/* Feeding host streams:
 *
 *   push cpu                       typed rows, columns separated by |
 *   12:00:05|a|1.5
 *   push cpu raw partition=1       one message a line, decoded by the stream's format
 *   @12:00:05 {"host":"a","v":1.5}
 *
 * 1. A typed value is what it looks like: NULL, 12, 1.5, true, 12:00:05, x'00ff'; else text;
 *    'quoted' is always text. */
#include "tests/slt/runner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static weir_stream *
stream_get(slt_runner *runner, const char *name)
{
    for (slt_stream *at = runner->streams; at != NULL; at = at->next) {
        if (strcmp(at->name, name) == 0)
            return at->stream;
    }
    weir_error *err = NULL;
    weir_stream *stream = NULL;
    if (weir_stream_open(runner->db, name, &stream, &err) != WEIR_OK) {
        slt_fail(runner, "stream %s: %s", name, err != NULL ? weir_error_message(err) : "?");
        weir_error_free(err);
        return NULL;
    }
    slt_stream *entry = calloc(1, sizeof(*entry));
    if (entry == NULL || (entry->name = strdup(name)) == NULL)
        abort();
    entry->stream = stream;
    entry->next = runner->streams;
    runner->streams = entry;
    return stream;
}

void
slt_streams_free(slt_runner *runner)
{
    while (runner->streams != NULL) {
        slt_stream *entry = runner->streams;
        runner->streams = entry->next;
        weir_stream_close(entry->stream);
        free(entry->name);
        free(entry);
    }
}

/* ── typed rows ─────────────────────────────────────────────────────────────────────────────── */

static int
blob_put(weir_stream *stream, const char *hex, size_t digits)
{
    unsigned char bytes[256];
    size_t count = digits / 2 < sizeof(bytes) ? digits / 2 : sizeof(bytes);
    for (size_t i = 0; i < count; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return weir_put_blob(stream, bytes, count);
}

static bool
number_put(weir_stream *stream, const char *value, int *status)
{
    char *end;
    bool real = strpbrk(value, ".eE") != NULL || strstr(value, "nan") != NULL ||
                strstr(value, "inf") != NULL;
    if (real) {
        double number = strtod(value, &end);
        if (end == value || *end != '\0')
            return false;
        *status = weir_put_double(stream, number);
        return true;
    }
    long long number = strtoll(value, &end, 10);
    if (end == value || *end != '\0')
        return false;
    *status = weir_put_int64(stream, number);
    return true;
}

static int
value_put(weir_stream *stream, const char *value)
{
    size_t size = strlen(value);
    int64_t us;
    int status;
    if (strcmp(value, "NULL") == 0)
        return weir_put_null(stream);
    if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
        return weir_put_bool(stream, value[0] == 't');
    if (size >= 2 && value[0] == '\'' && value[size - 1] == '\'')
        return weir_put_text(stream, value + 1, (ptrdiff_t)(size - 2));
    if (size >= 3 && value[0] == 'x' && value[1] == '\'' && value[size - 1] == '\'')
        return blob_put(stream, value + 2, size - 3);
    if (slt_time_parse(value, &us))
        return weir_put_timestamp(stream, us);
    if (number_put(stream, value, &status))
        return status;
    return weir_put_text(stream, value, (ptrdiff_t)size);
}

static void
typed_row_put(slt_runner *runner, weir_stream *stream, const char *line)
{
    char *row = strdup(line);
    int status = WEIR_OK;
    for (char *at = row; at != NULL && status == WEIR_OK;) {
        char *bar = strchr(at, '|');
        if (bar != NULL)
            *bar = '\0';
        status = value_put(stream, at);
        at = bar != NULL ? bar + 1 : NULL;
    }
    if (status == WEIR_OK)
        status = weir_row_end(stream);
    for (int i = 0; status == WEIR_BUSY && i < 1000; i++) {
        slt_settle(runner);
        status = weir_row_end(stream);
    }
    if (status != WEIR_OK)
        slt_fail(runner, "row \"%s\": status %d %s", line, status, weir_stream_error(stream));
    free(row);
}

/* ── raw messages ───────────────────────────────────────────────────────────────────────────── */

static void
message_put(slt_runner *runner, weir_stream *stream, const slt_record *record, const char *line)
{
    const char *partition = slt_record_option(record, "partition");
    const char *key = slt_record_option(record, "key");
    const char *when = slt_record_option(record, "time");
    int64_t us = runner->clock_us;
    if (when != NULL && !slt_time_parse(when, &us))
        slt_fail(runner, "bad time %s", when);
    if (line[0] == '@') {
        char word[64] = "";
        size_t size = strcspn(line, " ");
        memcpy(word, line + 1, size - 1 < sizeof(word) - 1 ? size - 1 : sizeof(word) - 1);
        if (!slt_time_parse(word, &us))
            slt_fail(runner, "bad time %s", word);
        line += size + (line[size] == ' ');
    }
    bool tombstone = strcmp(line, "\\N") == 0;
    int number = partition != NULL ? (int)strtol(partition, NULL, 10) : 0;
    int status = WEIR_BUSY;
    for (int i = 0; status == WEIR_BUSY && i < 1000; i++) {
        status = weir_push(stream, tombstone ? NULL : line, tombstone ? 0 : strlen(line), key,
                           key != NULL ? strlen(key) : 0, us, number);
        if (status == WEIR_BUSY)
            slt_settle(runner);
    }
    if (status != WEIR_OK)
        slt_fail(runner, "message \"%s\": status %d %s", line, status, weir_stream_error(stream));
}

void
slt_push(slt_runner *runner, const slt_record *record)
{
    weir_stream *stream = stream_get(runner, record->words[1]);
    bool raw = slt_record_has(record, "raw");
    const char *repeat = slt_record_option(record, "repeat");
    long times = repeat != NULL ? strtol(repeat, NULL, 10) : 1;
    for (long round = 0; stream != NULL && round < times; round++) {
        for (int i = 0; i < record->body.count; i++) {
            if (raw)
                message_put(runner, stream, record, record->body.items[i]);
            else
                typed_row_put(runner, stream, record->body.items[i]);
        }
    }
    slt_settle(runner);
}

void
slt_advance(slt_runner *runner, const slt_record *record)
{
    weir_stream *stream = stream_get(runner, record->words[1]);
    int64_t us;
    if (!slt_time_parse(record->words[2], &us))
        slt_fail(runner, "bad time \"%s\"", record->words[2]);
    else if (stream != NULL && weir_advance_watermark(stream, us) != WEIR_OK)
        slt_fail(runner, "advance: %s", weir_stream_error(stream));
    slt_settle(runner);
}

void
slt_end(slt_runner *runner, const slt_record *record)
{
    weir_stream *stream = stream_get(runner, record->words[1]);
    if (stream != NULL && weir_stream_end(stream) != WEIR_OK)
        slt_fail(runner, "end: %s", weir_stream_error(stream));
    slt_settle(runner);
}
