/* The small parts that every action needs: failures, lists, spans, names, strings, depth.
 *
 * Depth without knowing the shapes of nodes: when a node is finished, everything that was finished
 * since its start lies below it.
 *
 *     position  0         10   15        depths, as (start, depth)
 *               f ( a + b , g ( c * d ) )
 *     a + b finished      → (4,2)
 *     c * d, then g(…)    → (4,2) (17,2)   → (4,2) (15,3)
 *     f(…) from 0: takes both → (0,4)
 *
 * 1. The entries of `depths` are in the order of their starts; no two stand for nested nodes.
 * 2. Leaves are depth 1 and have no entry, so that long lists cost nothing. */
#include "parser/build.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct depth_entry {
    int start, depth;
} depth_entry;

void
wr_parse_fail(wr_parser *p, const char *code, wr_span at, const char *hint, const char *format, ...)
{
    if (p->status != WR_OK) {
        return;
    }
    char message[WR_ERROR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    p->status = wr_error_set(p->err, WR_ERR_SQL, code, "%s", message);
    wr_error_at(p->err, at.position, at.length > 0 ? at.length : 1);
    if (hint != NULL) {
        wr_error_hint(p->err, "%s", hint);
    }
}

wr_list
wr_list_add(wr_arena *arena, wr_list list, const void *item, size_t item_bytes)
{
    if (list.count == list.capacity) {
        int least = item_bytes > 64 ? 1 : 4; /* most lists are short */
        int capacity = list.capacity == 0 ? least : list.capacity * 2;
        char *items = wr_arena_alloc(arena, item_bytes * (size_t)capacity);
        if (list.count > 0) {
            memcpy(items, list.items, item_bytes * (size_t)list.count);
        }
        list.items = items;
        list.capacity = capacity;
    }
    memcpy((char *)list.items + item_bytes * (size_t)list.count, item, item_bytes);
    list.count++;
    return list;
}

wr_span
wr_span_here(const wr_parser *p, int start)
{
    return (wr_span){.position = start, .length = p->end - start};
}

wr_span
wr_token_span(wr_token token)
{
    return (wr_span){.position = token.position, .length = token.length};
}

/* Removes the entries from `start` on; returns the greatest depth among them, at least a leaf's. */
static int
depths_take(wr_parser *p, int start)
{
    depth_entry *entries = p->depths.items;
    int depth = 1;
    while (p->depths.count > 0 && entries[p->depths.count - 1].start >= start) {
        int below = entries[--p->depths.count].depth;
        depth = below > depth ? below : depth;
    }
    return depth;
}

static void
depth_check(wr_parser *p, int start, int depth)
{
    if (depth > WR_AST_DEPTH_MAX) {
        wr_parse_fail(p, "E0103", wr_span_here(p, start), NULL, "nested more than %d levels deep",
                      WR_AST_DEPTH_MAX);
    }
}

void
wr_depth_close(wr_parser *p, int start)
{
    depth_entry entry = {.start = start, .depth = depths_take(p, start) + 1};
    p->depths = WR_LIST_ADD(p, p->depths, entry);
    depth_check(p, start, entry.depth);
}

void
wr_depth_join(wr_parser *p, int position, int chain_start)
{
    int below = depths_take(p, position) + 1;
    depth_entry entry = {.start = chain_start, .depth = depths_take(p, chain_start)};
    entry.depth = below > entry.depth ? below : entry.depth;
    p->depths = WR_LIST_ADD(p, p->depths, entry);
    depth_check(p, chain_start, entry.depth);
}

/* Copies what is between the quotes at both ends; doubled quotes become one. */
static wr_text
unquote(wr_parser *p, wr_text quoted)
{
    char quote = quoted.data[0];
    char *out = wr_arena_bytes(p->arena, quoted.size);
    size_t size = 0;
    for (size_t i = 1; i + 1 < quoted.size; i++) {
        out[size++] = quoted.data[i];
        i += quoted.data[i] == quote; /* the second of a pair */
    }
    return (wr_text){out, size};
}

/* DOUBLE PRECISION comes as one token with the space or comment between its words; no other name
 * without quotes has such a byte. */
static bool
word_is_joined(wr_text word)
{
    return word.size > 6 && memchr(" \t\n\v\f\r/-", word.data[6], 8) != NULL;
}

wr_ast_name
wr_build_name(wr_parser *p, wr_token token)
{
    wr_text text = wr_token_text(p->sql, token);
    wr_ast_name name = {.span = wr_token_span(token)};
    if (p->keep_words) {
        p->words = WR_LIST_ADD(p, p->words, token.position);
    }
    if (text.data[0] == '"') {
        name.quoted = true;
        name.text = unquote(p, text);
        if (name.text.size == 0) {
            wr_parse_fail(p, "E0105", name.span, NULL, "a name cannot be empty");
        }
    } else if (word_is_joined(text)) {
        name.text = WR_TEXT("DOUBLE PRECISION");
    } else {
        name.text = wr_arena_text(p->arena, text);
    }
    return name;
}

wr_ast_name
wr_build_dotted(wr_parser *p, wr_ast_name left, wr_ast_name right)
{
    wr_ast_name name = {.quoted = left.quoted || right.quoted};
    name.text =
        wr_arena_printf(p->arena, "%.*s.%.*s", WR_TEXT_ARG(left.text), WR_TEXT_ARG(right.text));
    name.span = wr_span_here(p, left.span.position);
    if (name.text.size > 1024) {
        wr_parse_fail(p, "E0105", name.span, NULL, "this name is longer than 1,024 bytes");
    }
    return name;
}

wr_text
wr_build_string(wr_parser *p, wr_token token)
{
    return unquote(p, wr_token_text(p->sql, token));
}

wr_ast_name
wr_build_string_name(wr_parser *p, wr_token token)
{
    wr_ast_name name = {.text = wr_build_string(p, token), .span = wr_token_span(token)};
    name.quoted = true;
    if (name.text.size == 0) {
        wr_parse_fail(p, "E0105", name.span, NULL, "a name cannot be empty");
    }
    return name;
}

int64_t
wr_build_count(wr_parser *p, wr_token number, int64_t least)
{
    int64_t value = 0;
    wr_text text = wr_token_text(p->sql, number);
    if (!wr_text_to_int64(text, &value) || value < least) {
        wr_parse_fail(p, "E0105", wr_token_span(number), NULL,
                      "expected a whole number from %lld on, not %.*s", (long long)least,
                      (int)(text.size < 80 ? text.size : 80), text.data);
        return least;
    }
    return value;
}
