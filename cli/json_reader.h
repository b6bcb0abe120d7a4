/* Reads one member of a small JSON object. */
#ifndef WEIR_CLI_JSON_READER_H
#define WEIR_CLI_JSON_READER_H

#include "cli/text.h"

typedef enum cli_json_kind {
    CLI_JSON_BAD,    /* the text is no JSON object */
    CLI_JSON_ABSENT, /* an object without this member */
    CLI_JSON_TEXT,   /* value: the string, its escapes resolved */
    CLI_JSON_OTHER   /* value: as it stands: 12, true, null, [1] */
} cli_json_kind;

/* Looks for member `name` of the object in `json`; the last one wins. `value` is replaced. */
cli_json_kind cli_json_member(const char *json, size_t size, const char *name, cli_text *value);

#endif
