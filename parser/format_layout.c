/* Breaks a statement's pieces into lines.
 *
 *     what fits in the rest of the line is one line
 *     a query:       a clause a line             SELECT … ⏎ FROM … ⏎ WHERE …
 *     a list:        an item a line              SELECT ⏎     a, ⏎     b
 *     a condition:   at OR, else at AND          WHERE a ⏎     AND b
 *     ( … ) [ … ]:   its inside on lines of its own, further in; and so CASE … END, BEGIN … END
 *
 * 1. Where lines break depends on the pieces alone, not on where they broke before; so formatting
 *    twice is formatting once.
 * 2. A comment never comes before its token's line ends: what stands behind a token stays behind
 *    it.
 * 3. Recursion is as deep as brackets nest; lists and chains are loops. */
#include "parser/format.h"

#include "parser/grammar.h"

typedef struct layout {
    const wr_piece *pieces;
    wr_buffer *out;
    int64_t column;
    int indent; /* of the line that is empty so far */
    int hang;   /* of a line that a comment makes necessary */
    bool line_empty;
} layout;

/* Where a stretch is broken, in the order in which it is tried. */
typedef enum split {
    SPLIT_CLAUSE,
    SPLIT_COMMA,
    SPLIT_SOURCE, /* FROM s | WATERMARK … | WITHIN … | ON … */
    SPLIT_OR,
    SPLIT_AND,
    SPLIT_WHEN,     /* of CASE */
    SPLIT_STATEMENT /* of BEGIN … END */
} split;

/* ── writing ── */

static void
line_end(layout *l, int indent)
{
    if (!l->line_empty) {
        wr_buffer_char(l->out, '\n');
    }
    l->line_empty = true;
    l->indent = indent;
}

static void
text_write(layout *l, wr_text text, bool space, int64_t columns)
{
    int blanks = l->line_empty ? l->indent : space;
    l->column = (l->line_empty ? 0 : l->column) + blanks + columns;
    l->line_empty = false;
    for (int i = 0; i < blanks; i++) {
        wr_buffer_char(l->out, ' ');
    }
    wr_buffer_text(l->out, text);
}

static void
piece_write(layout *l, int i)
{
    const wr_piece *piece = &l->pieces[i];
    const wr_text *above = piece->above.items, *behind = piece->behind.items;
    for (int k = 0; k < piece->above.count; k++) {
        line_end(l, l->line_empty ? l->indent : l->hang);
        text_write(l, above[k], false, 0);
        line_end(l, l->indent);
    }
    text_write(l, piece->text, piece->space, piece->columns);
    for (int k = 0; k < piece->behind.count; k++) {
        text_write(l, behind[k], true, (int64_t)behind[k].size);
        if (wr_comment_ends_line(behind[k])) {
            line_end(l, l->hang);
        }
    }
}

static void
flat_write(layout *l, int first, int last)
{
    for (int i = first; i <= last; i++) {
        piece_write(l, i);
    }
}

/* Have the pieces first … last room in the line, and none must begin another? */
static bool
fits(const layout *l, int first, int last)
{
    const wr_piece *a = &l->pieces[first], *b = &l->pieces[last];
    int64_t start = l->line_empty ? l->indent : l->column + a->space;
    return b->breaks == a->breaks && start + a->columns + b->width - a->width <= WR_FORMAT_COLUMNS;
}

/* ── where to break ── */

static bool
clause_starts(const wr_piece *pieces, int i)
{
    int before = i > 0 ? pieces[i - 1].kind : 0;
    switch (pieces[i].kind) {
    case TK_SELECT:
    case TK_VALUES:
    case TK_INSERT:
    case TK_WINDOW:
    case TK_WHERE:
    case TK_HAVING:
    case TK_QUALIFY:
    case TK_ORDER:
    case TK_PARTITION:
    case TK_LIMIT:
    case TK_EMIT:
    case TK_LATE:
    case TK_UNION:
    case TK_WITH:
    case TK_LEFT:
    case TK_RIGHT:
    case TK_FULL:
    case TK_INNER:
    case TK_CROSS: return true;
    case TK_FROM: return before != TK_DISTINCT && before != TK_METADATA;
    case TK_GROUP: return before != TK_WITHIN_GROUP;
    case TK_JOIN:
        return before != TK_LEFT && before != TK_RIGHT && before != TK_FULL && before != TK_INNER &&
               before != TK_CROSS && before != TK_OUTER;
    default: return false;
    }
}

/* Is this AND that of a BETWEEN? */
static bool
and_is_of_between(const wr_piece *pieces, int i)
{
    while (--i >= 0 && pieces[i].kind != TK_AND && pieces[i].kind != TK_OR) {
        if (pieces[i].kind == TK_BETWEEN) {
            return true;
        }
        if (pieces[i].pair > i) {
            return false; /* out of our bracket */
        }
        i = pieces[i].pair >= 0 ? pieces[i].pair : i;
    }
    return false;
}

static bool
segment_starts(const wr_piece *pieces, int i, split at)
{
    int kind = pieces[i].kind;
    switch (at) {
    case SPLIT_CLAUSE: return clause_starts(pieces, i);
    case SPLIT_COMMA: return pieces[i - 1].kind == TK_COMMA;
    case SPLIT_SOURCE:
        return kind == TK_WATERMARK || kind == TK_WITHIN || kind == TK_ON || kind == TK_USING;
    case SPLIT_OR: return kind == TK_OR;
    case SPLIT_AND: return kind == TK_AND && !and_is_of_between(pieces, i);
    case SPLIT_WHEN: return kind == TK_WHEN || kind == TK_ELSE;
    case SPLIT_STATEMENT: return pieces[i - 1].kind == TK_SEMI;
    }
    return false;
}

/* The next piece outside of brackets. */
static int
piece_next(const wr_piece *pieces, int i)
{
    return pieces[i].pair > i ? pieces[i].pair + 1 : i + 1;
}

/* Where the segment ends that begins at `first`. */
static int
segment_end(const layout *l, int first, int last, split at)
{
    int i = piece_next(l->pieces, first);
    while (i <= last && !segment_starts(l->pieces, i, at)) {
        i = piece_next(l->pieces, i);
    }
    return i - 1;
}

static bool
splits(const layout *l, int first, int last, split at)
{
    return segment_end(l, first, last, at) < last;
}

/* ── breaking ── */

static void stretch_write(layout *l, int first, int last, int indent, int step);
static void body_write(layout *l, int first, int last, int indent, int step);

/* Each segment; all but the first on a line of their own, at `indent`. */
static void
segments_write(layout *l, int first, int last, split at, int first_indent, int indent)
{
    for (int start = first; start <= last;) {
        int end = segment_end(l, start, last, at);
        if (start > first) {
            line_end(l, indent);
        }
        stretch_write(l, start, end, start > first ? indent : first_indent, WR_FORMAT_INDENT);
        start = end + 1;
    }
}

/* The inside of the bracket that opens at `open`, on lines of its own. */
static void
inside_write(layout *l, int open, int indent)
{
    int first = open + 1, last = l->pieces[open].pair - 1, inner = indent + WR_FORMAT_INDENT;
    if (l->pieces[open].kind == TK_CASE) {
        int operand_end = segment_starts(l->pieces, first, SPLIT_WHEN)
                              ? open
                              : segment_end(l, first, last, SPLIT_WHEN);
        stretch_write(l, first, operand_end, indent, WR_FORMAT_INDENT);
        line_end(l, inner);
        segments_write(l, operand_end + 1, last, SPLIT_WHEN, inner, inner);
        return;
    }
    line_end(l, inner);
    if (l->pieces[open].kind == TK_BEGIN) {
        segments_write(l, first, last, SPLIT_STATEMENT, inner, inner);
    } else {
        stretch_write(l, first, last, inner, 0);
    }
}

/* A bracket, whole if it has room together with what follows up to the next one. */
static void
bracket_write(layout *l, int open, int last, int indent)
{
    int close = l->pieces[open].pair, end = close;
    while (end < last && l->pieces[end + 1].pair <= end + 1) {
        end++;
    }
    if (close == open + 1 || fits(l, open, end)) {
        flat_write(l, open, close);
        return;
    }
    piece_write(l, open);
    inside_write(l, open, indent);
    line_end(l, indent);
    piece_write(l, close);
}

/* Piece by piece; only brackets may break. */
static void
flow_write(layout *l, int first, int last, int indent)
{
    for (int i = first; i <= last; i = piece_next(l->pieces, i)) {
        l->hang = indent + WR_FORMAT_INDENT;
        if (l->pieces[i].pair > i) {
            bracket_write(l, i, last, indent);
        } else {
            piece_write(l, i);
        }
    }
}

/* SELECT [DISTINCT], GROUP BY, INSERT INTO, UNION ALL: where the words of a clause end. */
static int
clause_head_end(const wr_piece *pieces, int first, int last)
{
    int i = first;
    while (i < last && (pieces[i + 1].kind == TK_DISTINCT || pieces[i + 1].kind == TK_BY ||
                        pieces[i + 1].kind == TK_INTO || pieces[i + 1].kind == TK_ALL)) {
        i++;
    }
    return i;
}

/* A clause of several items: its words, and each item on a line of its own. */
static void
clause_write(layout *l, int first, int last, int indent)
{
    int body = clause_head_end(l->pieces, first, last) + 1;
    int inner = indent + WR_FORMAT_INDENT;
    if (body > last || fits(l, first, last) || !clause_starts(l->pieces, first) ||
        !splits(l, body, last, SPLIT_COMMA)) {
        body_write(l, first, last, indent, WR_FORMAT_INDENT);
        return;
    }
    l->hang = inner;
    flat_write(l, first, body - 1);
    line_end(l, inner);
    segments_write(l, body, last, SPLIT_COMMA, inner, inner);
}

static void
clauses_write(layout *l, int first, int last, int indent)
{
    for (int start = first; start <= last;) {
        int end = segment_end(l, start, last, SPLIT_CLAUSE);
        line_end(l, indent);
        clause_write(l, start, end, indent);
        start = end + 1;
    }
}

/* Pieces that begin where the line is now; lines that follow are `step` further in than
 * `indent`. */
static void
stretch_write(layout *l, int first, int last, int indent, int step)
{
    if (first <= last &&
        (clause_starts(l->pieces, first) || splits(l, first, last, SPLIT_CLAUSE)) &&
        !fits(l, first, last)) {
        clauses_write(l, first, last, indent);
    } else if (first <= last) {
        body_write(l, first, last, indent, step);
    }
}

/* The same for what is one clause or a part of one. */
static void
body_write(layout *l, int first, int last, int indent, int step)
{
    static const split tried[] = {SPLIT_COMMA, SPLIT_SOURCE, SPLIT_OR, SPLIT_AND};
    l->hang = indent + WR_FORMAT_INDENT;
    if (fits(l, first, last)) {
        flat_write(l, first, last);
        return;
    }
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        if (splits(l, first, last, tried[i])) {
            segments_write(l, first, last, tried[i], indent, indent + step);
            return;
        }
    }
    flow_write(l, first, last, indent);
}

void
wr_format_layout(const wr_pieces *pieces, wr_buffer *out)
{
    layout l = {.pieces = pieces->items, .out = out, .line_empty = true};
    if (pieces->count > 0 && fits(&l, 0, pieces->count - 1)) {
        flat_write(&l, 0, pieces->count - 1);
    } else {
        clauses_write(&l, 0, pieces->count - 1, 0);
    }
}
