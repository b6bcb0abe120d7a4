/* Walks an object and picks what the tree of wanted names names; everything else is only checked.
 *
 *   {"A":1,"a":2,"b":[0,{"c":3}]}  tree: a ─ column 0, b ─ [1] ─ c ─ column 1
 *     "A" matches a without case     slot 0 = 1
 *     "a" matches exactly            slot 0 = 2: exact beats without case, wherever it stands
 *     element 1 of b is walked into  slot 1 = 3; element 0 is only checked
 *
 * 1. A key that comes again replaces all that the earlier one gave, whole subtrees included.
 * 2. Recursion is as deep as the longest wanted path, never as deep as the data.
 * 3. A trace is usable only if equal bytes between the leaves of another record mean equal columns:
 *    no name twice, one column a leaf, no leaf where a wanted object or array could stand. A null
 *    there is no leaf: it is literal. */
#include "connectors/formats/json_project.h"

/* ── the tree ───────────────────────────────────────────────────────────────────────────────── */

/* One bit of 64, the same for names that differ only in case. Most keys that nobody wants are known
 * by it without comparing names. */
static inline uint64_t
name_mark(wr_text name)
{
    unsigned first = name.size > 0 ? (unsigned char)name.data[0] & 0x1F : 0;
    return (uint64_t)1 << ((name.size * 7 + first) & 63);
}

static wr_json_node *
node_child(wr_json_reader *reader, wr_json_node *parent, const wr_decode_column *column, int step)
{
    wr_text name = column->path[step];
    bool is_index = column->path_indexes >> step & 1;
    wr_json_node **link = &parent->child;
    for (; *link; link = &(*link)->sibling) {
        if ((*link)->is_index == is_index && wr_text_equal((*link)->name, name)) {
            return *link;
        }
    }
    *link = WR_NEW(reader->arena, wr_json_node);
    (*link)->name = name;
    (*link)->parent = parent;
    (*link)->is_index = is_index;
    if (is_index) {
        (void)wr_text_to_int64(name, &(*link)->index);
    } else {
        parent->child_marks |= name_mark(name);
    }
    reader->node_count++;
    return *link;
}

void
wr_json_reader_init(wr_json_reader *reader, wr_decode_frame *frame, wr_arena *arena)
{
    const wr_decode_spec *spec = frame->spec;
    *reader = (wr_json_reader){.frame = frame, .arena = arena};
    reader->root = WR_NEW(arena, wr_json_node);
    for (int c = 0; c < spec->column_count; c++) {
        const wr_decode_column *column = &spec->columns[c];
        wr_json_node *node = reader->root;
        for (int i = 0; i < column->path_length; i++) {
            node = node_child(reader, node, column, i);
            bool is_bare = i == 0 && wr_text_equal_nocase(column->path[0], WR_TEXT("v"));
            reader->bare = is_bare ? node : reader->bare;
        }
        int *columns = WR_NEW_ARRAY(arena, int, node->column_count + 1);
        for (int i = 0; i < node->column_count; i++) {
            columns[i] = node->columns[i];
        }
        columns[node->column_count++] = c;
        node->columns = columns;
    }
}

/* All columns at and under `node` are as if never met. */
static void
node_clear(wr_decode_frame *frame, wr_json_node *top)
{
    for (wr_json_node *node = top; node;) {
        for (int i = 0; i < node->column_count; i++) {
            frame->slots[node->columns[i]].state = WR_SLOT_MISSING;
        }
        if (node->child) {
            node = node->child;
            continue;
        }
        while (node != top && !node->sibling) {
            node = node->parent;
        }
        node = node == top ? NULL : node->sibling;
    }
}

/* The next child behind `after` (NULL: from the first) that the key stands for; marks it. */
static wr_json_node *
child_match(wr_json_node *parent, wr_json_node *after, wr_text key)
{
    for (wr_json_node *node = after ? after->sibling : parent->child; node; node = node->sibling) {
        if (node->name.size != key.size || node->is_index ||
            !wr_text_equal_nocase(node->name, key)) {
            continue;
        }
        bool exact = memcmp(node->name.data, key.data, key.size) == 0;
        if (exact || !node->exact) {
            node->exact = exact;
            return node;
        }
    }
    return NULL;
}

/* ── values ─────────────────────────────────────────────────────────────────────────────────── */

static void
trace_leaf(wr_json_trace *trace, wr_json_leaf leaf)
{
    if (trace->count == WR_JSON_LEAVES_MAX) {
        trace->usable = false;
        return;
    }
    trace->leaves[trace->count++] = leaf;
}

/* A value that is not walked into, for the columns of `node` (NULL: for none). */
static bool
leaf_read(wr_json_reader *reader, const wr_json_node *node, const char **at, const char *end,
          int depth)
{
    const char *begin = *at;
    if (!wr_json_skip(at, end, depth, &reader->fault)) {
        return false;
    }
    int column_count = node ? node->column_count : 0;
    for (int i = 0; i < column_count; i++) {
        wr_json_value(reader->frame, node->columns[i], begin, *at);
    }
    if (node && node->child && *begin == 'n') {
        return true;
    }
    reader->trace.usable &= column_count <= 1 && (!node || !node->child);
    int column = column_count ? node->columns[0] : -1;
    trace_leaf(&reader->trace, (wr_json_leaf){begin, *at, column, depth});
    return true;
}

static bool object_walk(wr_json_reader *reader, wr_json_node *node, const char **at,
                        const char *end, int depth);
static bool array_walk(wr_json_reader *reader, wr_json_node *node, const char **at,
                       const char *end, int depth);

/* The value that `node` stands for. */
static bool
value_read(wr_json_reader *reader, wr_json_node *node, const char **at, const char *end, int depth)
{
    if (!node->child || *at == end || (**at != '{' && **at != '[')) {
        return leaf_read(reader, node, at, end, depth);
    }
    const char *begin = *at;
    bool read = *begin == '{' ? object_walk(reader, node, at, end, depth)
                              : array_walk(reader, node, at, end, depth);
    if (!read) {
        return false;
    }
    for (int i = 0; i < node->column_count; i++) {
        wr_json_value(reader->frame, node->columns[i], begin, *at);
        reader->trace.usable = false;
    }
    return true;
}

/* The value of a key that stands for `node`. */
static bool
member_read(wr_json_reader *reader, wr_json_node *node, const char **at, const char *end,
            int depth)
{
    reader->trace.usable &= !node->seen;
    if (node->seen) {
        node_clear(reader->frame, node);
    }
    node->seen = true;
    return value_read(reader, node, at, end, depth);
}

/* "key" and colon; the key's text. */
static bool
key_read(wr_json_reader *reader, const char **at, const char *end, wr_text *key)
{
    wr_json_string string;
    if (*at == end || **at != '"') {
        return wr_json_fault_set(&reader->fault, WR_REASON_SYNTAX, *at);
    }
    (*at)++;
    if (!json_string_read(at, end, &string, &reader->fault)) {
        return false;
    }
    *at = wr_json_space(*at, end);
    if (*at == end || **at != ':') {
        return wr_json_fault_set(&reader->fault, WR_REASON_SYNTAX, *at);
    }
    *at = wr_json_space(*at + 1, end);
    *key = string.escaped ? wr_json_unescape(&string, reader->frame->arena)
                          : (wr_text){string.data, string.size};
    return true;
}

/* ── brackets ───────────────────────────────────────────────────────────────────────────────── */

/* *at is on a bracket; moves to what is inside, or behind both if that is nothing. */
static bool
bracket_open(wr_json_reader *reader, const char **at, const char *end, int depth, bool *is_closed)
{
    const char close = **at == '{' ? '}' : ']';
    if (depth >= WR_JSON_DEPTH_MAX) {
        return wr_json_fault_set(&reader->fault, WR_REASON_TOO_DEEP, *at);
    }
    *at = wr_json_space(*at + 1, end);
    *is_closed = *at < end && **at == close;
    *at += *is_closed;
    return true;
}

/* Behind a member or element: moves to the next one, or behind the closing bracket. */
static bool
bracket_follow(wr_json_reader *reader, const char **at, const char *end, char close,
               bool *is_closed)
{
    *at = wr_json_space(*at, end);
    if (*at == end || (**at != ',' && **at != close)) {
        return wr_json_fault_set(&reader->fault, WR_REASON_SYNTAX, *at);
    }
    *is_closed = **at == close;
    *at = *is_closed ? *at + 1 : wr_json_space(*at + 1, end);
    return true;
}

/* ── objects ────────────────────────────────────────────────────────────────────────────────── */

/* One member: for every wanted name that its key stands for. */
static bool
member_walk(wr_json_reader *reader, wr_json_node *parent, const char **at, const char *end,
            int depth)
{
    wr_text key;
    if (!key_read(reader, at, end, &key)) {
        return false;
    }
    bool is_known = (parent->child_marks & name_mark(key)) != 0;
    wr_json_node *node = is_known ? child_match(parent, NULL, key) : NULL;
    if (!node) {
        return leaf_read(reader, NULL, at, end, depth);
    }
    const char *begin = *at;
    if (!member_read(reader, node, at, end, depth)) {
        return false;
    }
    while ((node = child_match(parent, node, key)) != NULL) {
        const char *again = begin; /* names that differ only in case share this value */
        reader->trace.usable = false;
        if (!member_read(reader, node, &again, end, depth)) {
            return false;
        }
    }
    return true;
}

static bool
object_walk(wr_json_reader *reader, wr_json_node *node, const char **at, const char *end, int depth)
{
    for (wr_json_node *child = node->child; child; child = child->sibling) {
        child->seen = child->exact = false;
    }
    bool is_closed;
    bool good = bracket_open(reader, at, end, depth, &is_closed);
    while (good && !is_closed) {
        good = member_walk(reader, node, at, end, depth + 1) &&
               bracket_follow(reader, at, end, '}', &is_closed);
    }
    return good;
}

/* ── arrays ─────────────────────────────────────────────────────────────────────────────────── */

static wr_json_node *
child_at(const wr_json_node *parent, int64_t index)
{
    for (wr_json_node *node = parent->child; node; node = node->sibling) {
        if (node->is_index && node->index == index) {
            return node;
        }
    }
    return NULL;
}

static bool
array_walk(wr_json_reader *reader, wr_json_node *node, const char **at, const char *end, int depth)
{
    bool is_closed;
    bool good = bracket_open(reader, at, end, depth, &is_closed);
    for (int64_t i = 0; good && !is_closed; i++) {
        wr_json_node *child = child_at(node, i);
        good = (child ? value_read(reader, child, at, end, depth + 1)
                      : leaf_read(reader, NULL, at, end, depth + 1)) &&
               bracket_follow(reader, at, end, ']', &is_closed);
    }
    return good;
}

/* ── records ────────────────────────────────────────────────────────────────────────────────── */

static void
trace_start(wr_json_trace *trace, const char *begin, bool bare)
{
    trace->count = 0;
    trace->begin = begin;
    trace->usable = true;
    trace->bare = bare;
}

bool
wr_json_object(wr_json_reader *reader, const char **at, const char *end)
{
    trace_start(&reader->trace, *at, false);
    return object_walk(reader, reader->root, at, end, 0);
}

bool
wr_json_bare(wr_json_reader *reader, const char **at, const char *end)
{
    trace_start(&reader->trace, *at, true);
    return reader->bare ? value_read(reader, reader->bare, at, end, 0)
                        : leaf_read(reader, NULL, at, end, 0);
}
