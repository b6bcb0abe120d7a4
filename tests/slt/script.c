/* Reads a test file:
 *
 *   # comment
 *   query sorted           head: words
 *   SELECT 1               body
 *   ----
 *   1                      expected
 *                          a blank line ends the record */
#include "tests/slt/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
lines_load(slt_lines *lines, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    slt_text text = {0};
    char block[65536];
    size_t got;
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        slt_text_append(&text, block, got);
    bool failed = ferror(file) != 0;
    fclose(file);
    for (size_t at = 0; at < text.size;) {
        const char *end = memchr(text.data + at, '\n', text.size - at);
        size_t size = end != NULL ? (size_t)(end - text.data) - at : text.size - at;
        slt_lines_add(lines, text.data + at, size);
        at += size + 1;
    }
    slt_text_fini(&text);
    return !failed;
}

static void
words_split(slt_record *record, const char *line)
{
    size_t size = strlen(line) + 1;
    record->head = malloc(size);
    if (record->head == NULL)
        abort();
    memcpy(record->head, line, size);
    for (int i = 0; i < SLT_WORDS; i++)
        record->words[i] = record->head + size - 1;
    char *at = record->head;
    while (record->word_count < SLT_WORDS) {
        at += strspn(at, " \t");
        if (*at == '\0')
            return;
        record->words[record->word_count++] = at;
        at += strcspn(at, " \t");
        if (*at != '\0')
            *at++ = '\0';
    }
}

static slt_record *
record_add(slt_script *script)
{
    size_t count = (size_t)script->count + 1;
    script->records = realloc(script->records, count * sizeof(script->records[0]));
    if (script->records == NULL)
        abort();
    script->records[script->count] = (slt_record){0};
    return &script->records[script->count++];
}

bool
slt_script_load(slt_script *script, const char *path)
{
    *script = (slt_script){0};
    if (!lines_load(&script->lines, path))
        return false;
    slt_record *record = NULL;
    for (int i = 0; i < script->lines.count; i++) {
        const char *line = script->lines.items[i];
        if (line[0] == '\0') {
            record = NULL;
        } else if (record == NULL && line[0] != '#') {
            record = record_add(script);
            record->line = record->end_line = i + 1;
            words_split(record, line);
        } else if (record != NULL) {
            record->end_line = i + 1;
            if (!record->has_expected && strcmp(line, "----") == 0) {
                record->has_expected = true;
                record->separator_line = i + 1;
            } else {
                slt_lines_add(record->has_expected ? &record->expected : &record->body, line,
                              strlen(line));
            }
        }
    }
    return true;
}

void
slt_script_fini(slt_script *script)
{
    for (int i = 0; i < script->count; i++) {
        free(script->records[i].head);
        slt_lines_reset(&script->records[i].body);
        slt_lines_reset(&script->records[i].expected);
    }
    free(script->records);
    slt_lines_reset(&script->lines);
}

const char *
slt_record_option(const slt_record *record, const char *name)
{
    size_t size = strlen(name);
    for (int i = 1; i < record->word_count; i++) {
        if (strncmp(record->words[i], name, size) == 0 && record->words[i][size] == '=')
            return record->words[i] + size + 1;
    }
    return NULL;
}

bool
slt_record_has(const slt_record *record, const char *word)
{
    for (int i = 1; i < record->word_count; i++) {
        if (strcmp(record->words[i], word) == 0)
            return true;
    }
    return false;
}
