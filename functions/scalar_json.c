/* JSON: access by key, index and path.
 *
 *   {"a": {"b": [1, null]}}      -> 'a' -> 'b' -> 0   1
 *                                json_value(j, '$.a.b[0]')   1
 *
 * Keys match exactly, else without case; indexes count from 0, −1 is the last. What is not there is
 * NULL, and so is JSON's null: it is a value that nobody has.
 *
 * 1. Results of -> and json_query share the bytes of the argument. */
#include "functions/json_path.h"
#include "functions/kernel.h"

static void
set_json(wr_call *call, int row, bool found, wr_text value)
{
    if (found && wr_json_kind_of(value) != WR_JSON_NULL) {
        wr_call_set_view(call, row, value);
    } else {
        wr_call_mark(call, row, WR_ROW_NULL);
    }
}

/* A string's content; other values as their JSON text. */
static void
set_json_text(wr_call *call, int row, bool found, wr_text value)
{
    if (found && wr_json_kind_of(value) == WR_JSON_STRING) {
        char *out = wr_arena_bytes(call->arena, value.size);
        wr_call_set_view(call, row, (wr_text){out, wr_json_text_unescape(value, out)});
    } else {
        set_json(call, row, found, value);
    }
}

typedef void (*json_setter)(wr_call *call, int row, bool found, wr_text value);

static void
json_members(wr_call *call, json_setter set)
{
    for (int i = 0; i < call->n; i++) {
        wr_text value = WR_TEXT_NONE;
        bool found = wr_json_member(wr_arg_text(call, 0, i), wr_arg_text(call, 1, i), &value);
        set(call, i, found, value);
    }
}

static void
json_elements(wr_call *call, json_setter set)
{
    for (int i = 0; i < call->n; i++) {
        wr_text value = WR_TEXT_NONE;
        bool found = wr_json_element(wr_arg_text(call, 0, i), WR_ARG(call, int64_t, 1, i), &value);
        set(call, i, found, value);
    }
}

static void
json_member(wr_call *call)
{
    json_members(call, set_json);
}

static void
json_member_text(wr_call *call)
{
    json_members(call, set_json_text);
}

static void
json_element(wr_call *call)
{
    json_elements(call, set_json);
}

static void
json_element_text(wr_call *call)
{
    json_elements(call, set_json_text);
}

/* ── by path ────────────────────────────────────────────────────────────────────────────────── */

static bool
is_scalar(wr_text json)
{
    wr_json_kind kind = wr_json_kind_of(json);
    return kind != WR_JSON_ARRAY && kind != WR_JSON_OBJECT;
}

static void
json_value(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text value = wr_arg_text(call, 0, i);
        bool found = wr_json_follow(wr_arg_text(call, 1, i), &value);
        set_json_text(call, i, found && is_scalar(value), value);
    }
}

static void
json_query(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text value = wr_arg_text(call, 0, i);
        bool found = wr_json_follow(wr_arg_text(call, 1, i), &value);
        set_json(call, i, found, value);
    }
}

static void
json_exists(wr_call *call)
{
    uint8_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_text value = wr_arg_text(call, 0, i);
        out[i] = wr_json_follow(wr_arg_text(call, 1, i), &value);
    }
}

static void
json_array_length(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_text value = wr_arg_text(call, 0, i);
        bool is_array = wr_json_kind_of(value) == WR_JSON_ARRAY;
        out[i] = is_array ? wr_json_count(value) : 0;
        wr_call_mark(call, i, is_array ? WR_ROW_OK : WR_ROW_NULL);
    }
}

static void
json_typeof(wr_call *call)
{
    static const char *const names[] = {"invalid", "null",  "boolean", "number",
                                        "string",  "array", "object"};
    for (int i = 0; i < call->n; i++) {
        wr_json_kind kind = wr_json_kind_of(wr_arg_text(call, 0, i));
        wr_call_set_view(call, i, wr_text_from(names[kind]));
    }
}

/* Whatever lies at the path, as text. */
static void
json_path_text(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text value = wr_arg_text(call, 0, i);
        bool found = wr_json_follow(wr_arg_text(call, 1, i), &value);
        set_json_text(call, i, found, value);
    }
}

/* json_length(j[, path]): 1 for what is neither array nor object. */
static void
json_length(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_text value = wr_arg_text(call, 0, i);
        bool found = call->arg_count < 2 || wr_json_follow(wr_arg_text(call, 1, i), &value);
        out[i] = found ? wr_json_count(value) : 0;
        out[i] = out[i] < 0 ? 1 : out[i];
        wr_call_mark(call, i, found ? WR_ROW_OK : WR_ROW_NULL);
    }
}

static inline uint8_t
is_json(wr_view view)
{
    return wr_json_valid(wr_view_text(&view));
}

WR_UNARY_KERNEL(json_is_valid, wr_view, uint8_t, is_json)

#define JSON_ENTRY(name_, result_, flags_, kernel_, signature_, meaning_, example_, shown_, ...) \
    { \
        .name = name_, .result = WR_TYPE_##result_, .args = {WR_TYPE_JSON, __VA_ARGS__}, \
        .flags = flags_, .kernel = kernel_, .signature = signature_, .meaning = meaning_, \
        .example = example_, .example_result = shown_ \
    }

#define JSON_SAMPLE "CAST('{\"a\": [1, \"x\"]}' AS JSON)"

static const wr_function json_entries[] = {
    JSON_ENTRY("->", JSON, WR_FN_OPERATOR, json_member, "j -> 'key'", "The member of an object.",
               JSON_SAMPLE " -> 'a'", "[1, \"x\"]", WR_TYPE_TEXT),
    JSON_ENTRY("->", JSON, WR_FN_OPERATOR, json_element, "j -> index",
               "The element of an array, from 0; -1 is the last.", JSON_SAMPLE " -> 'a' -> 0", "1",
               WR_TYPE_BIGINT),
    JSON_ENTRY("->>", TEXT, WR_FN_OPERATOR, json_member_text, "j ->> 'key'",
               "The member of an object, as text.", JSON_SAMPLE " ->> 'a'", "[1, \"x\"]",
               WR_TYPE_TEXT),
    JSON_ENTRY("->>", TEXT, WR_FN_OPERATOR, json_element_text, "j ->> index",
               "The element of an array, as text.", JSON_SAMPLE " -> 'a' ->> 1", "x",
               WR_TYPE_BIGINT),
    JSON_ENTRY("json_value", TEXT, 0, json_value, "json_value(j, path)",
               "The scalar at a path, as text.", "json_value(" JSON_SAMPLE ", '$.a[1]')", "x",
               WR_TYPE_TEXT),
    JSON_ENTRY("json_query", JSON, 0, json_query, "json_query(j, path)", "The value at a path.",
               "json_query(" JSON_SAMPLE ", '$.a')", "[1, \"x\"]", WR_TYPE_TEXT),
    JSON_ENTRY("json_exists", BOOLEAN, 0, json_exists, "json_exists(j, path)",
               "Is there anything at a path?", "json_exists(" JSON_SAMPLE ", '$.a[1]')", "true",
               WR_TYPE_TEXT),
    JSON_ENTRY("json_array_length", BIGINT, 0, json_array_length, "json_array_length(j)",
               "Number of elements; NULL for what is no array.",
               "json_array_length(" JSON_SAMPLE " -> 'a')", "2", WR_ARG_NONE),
    JSON_ENTRY("json_typeof", TEXT, 0, json_typeof, "json_typeof(j)",
               "object, array, string, number, boolean or null.", "json_typeof(" JSON_SAMPLE ")",
               "object", WR_ARG_NONE),
    JSON_ENTRY("json_type", TEXT, 0, json_typeof, "json_type(j)", "json_typeof.",
               "json_type(" JSON_SAMPLE " -> 'a')", "array", WR_ARG_NONE),
    JSON_ENTRY("json_extract", JSON, 0, json_query, "json_extract(j, path)", "The value at a path.",
               "json_extract(" JSON_SAMPLE ", '$.a[0]')", "1", WR_TYPE_TEXT),
    JSON_ENTRY("json_extract_string", TEXT, 0, json_path_text, "json_extract_string(j, path)",
               "The value at a path, as text.", "json_extract_string(" JSON_SAMPLE ", '$.a')",
               "[1, \"x\"]", WR_TYPE_TEXT),
    JSON_ENTRY("json_extract_scalar", TEXT, 0, json_value, "json_extract_scalar(j, path)",
               "The scalar at a path, as text.", "json_extract_scalar(" JSON_SAMPLE ", '$.a[1]')",
               "x", WR_TYPE_TEXT),
    JSON_ENTRY("json_length", BIGINT, 0, json_length, "json_length(j)",
               "Number of elements or members; 1 for a scalar.", "json_length(" JSON_SAMPLE ")",
               "1", WR_ARG_NONE),
    JSON_ENTRY("json_length", BIGINT, 0, json_length, "json_length(j, path)",
               "Of the value at a path.", "json_length(" JSON_SAMPLE ", '$.a')", "2", WR_TYPE_TEXT),
    WR_SCALAR("json_valid", BOOLEAN, 0, json_is_valid, NULL, "json_valid(s)", "Is the text JSON?",
              "json_valid('[1, 2')", "false", WR_TYPE_TEXT),
    WR_SCALAR("is_json", BOOLEAN, 0, json_is_valid, NULL, "is_json(s)", "Is the text JSON?",
              "is_json('{\"a\": 1}')", "true", WR_TYPE_TEXT),
};

const wr_function_table wr_functions_json = WR_TABLE(json_entries);
