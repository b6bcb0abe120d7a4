/* Looking into JSON text without building a tree. Every function is safe on any bytes; on text that
 * is no JSON it finds nothing. Nothing is copied: results are parts of the input. */
#ifndef WEIR_FUNCTIONS_JSON_TEXT_H
#define WEIR_FUNCTIONS_JSON_TEXT_H

#include "core/text.h"

typedef enum wr_json_kind {
    WR_JSON_INVALID,
    WR_JSON_NULL,
    WR_JSON_BOOLEAN,
    WR_JSON_NUMBER,
    WR_JSON_STRING,
    WR_JSON_ARRAY,
    WR_JSON_OBJECT
} wr_json_kind;

enum { WR_JSON_DEPTH_MAX = 256 };

/* Kind by the first character that is no white space. */
wr_json_kind wr_json_kind_of(wr_text json);
/* One whole JSON value and nothing else (RFC 8259, nested at most WR_JSON_DEPTH_MAX deep)? UTF-8 is
 * not checked. */
bool wr_json_valid(wr_text json);
/* The member of an object: by its exact key, else without case; of equal keys the last one counts,
 * as where records are decoded. */
bool wr_json_member(wr_text json, wr_text key, wr_text *value);
/* The element of an array, 0-based; −1 is the last one. */
bool wr_json_element(wr_text json, int64_t index, wr_text *value);
/* Number of elements of an array, of members of an object; −1: neither. */
int64_t wr_json_count(wr_text json);
/* The items of an array or object, one after the other. */
typedef struct wr_json_items {
    const char *at, *end;
    bool is_object, is_first;
} wr_json_items;

/* False: `json` is neither array nor object. */
bool wr_json_items_start(wr_text json, wr_json_items *items);
/* The next item: its value, and the key with its quotes if it is a member (else the key is empty);
 * false: there is none. */
bool wr_json_items_next(wr_json_items *items, wr_text *key, wr_text *value);
/* The content of a JSON string (with its quotes) into `out` (≥ json.size bytes), escapes undone;
 * returns its size. Lone surrogates become U+FFFD. */
size_t wr_json_text_unescape(wr_text json, char *out);

#endif
