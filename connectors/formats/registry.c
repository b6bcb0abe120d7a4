/* Finds formats by name and by what a file is called.
 *
 *   "JSON" → json        logs/a.ndjson.gz → json        notes.md → none
 *
 * 1. Endings of compressed files are looked through, one of them. */
#include "connectors/formats/formats.h"

#include <string.h>

static const wr_format_ops *const formats[] = {&wr_format_json, &wr_format_csv, &wr_format_text,
                                               &wr_format_raw};
enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

const wr_format_ops *const *
wr_format_all(int *count)
{
    *count = FORMAT_COUNT;
    return formats;
}

const wr_format_ops *
wr_format_find(wr_text name)
{
    for (int i = 0; i < FORMAT_COUNT; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(formats[i]->name))) {
            return formats[i];
        }
    }
    return NULL;
}

/* Is `word` one of the words of "a|b|c"? */
static bool
words_have(const char *words, wr_text word)
{
    while (words && *words) {
        size_t size = strcspn(words, "|");
        if (wr_text_equal_nocase(word, (wr_text){words, size})) {
            return true;
        }
        words += size + (words[size] == '|');
    }
    return false;
}

/* What stands behind the last dot of the last part of the path; "" when there is none. Cuts it off
 * the path. */
static wr_text
path_take_extension(wr_text *path)
{
    size_t at = path->size;
    while (at > 0 && path->data[at - 1] != '.' && path->data[at - 1] != '/') {
        at--;
    }
    if (at == 0 || path->data[at - 1] == '/') {
        return WR_TEXT("");
    }
    wr_text extension = {path->data + at, path->size - at};
    path->size = at - 1;
    return extension;
}

const wr_format_ops *
wr_format_by_extension(wr_text path)
{
    wr_text extension = path_take_extension(&path);
    if (words_have("gz|zst|lz4|bz2|xz", extension)) {
        extension = path_take_extension(&path);
    }
    for (int i = 0; i < FORMAT_COUNT; i++) {
        if (extension.size > 0 && words_have(formats[i]->extensions, extension)) {
            return formats[i];
        }
    }
    return NULL;
}
