/* Where in a text a byte is, for people.
 *
 *     SELECT avg(hots) FROM cpu       position 11, length 4: line 1, column 12
 *                ^~~~
 *
 * 1. Columns count characters (bytes that begin one), so that é moves the caret by one.
 * 2. Both lines have the same number of characters before the caret, whatever the text holds. */
#include "parser/parser.h"

enum { BEFORE_MAX = 60, AFTER_MAX = 50 }; /* characters shown around the caret */

static bool
byte_begins_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

static size_t
position_clamp(wr_text sql, int position)
{
    if (position < 0) {
        return 0;
    }
    return (size_t)position < sql.size ? (size_t)position : sql.size;
}

static size_t
line_start(wr_text sql, size_t position)
{
    while (position > 0 && sql.data[position - 1] != '\n') {
        position--;
    }
    return position;
}

void
wr_text_line_column(wr_text sql, int position, int *line, int *column)
{
    size_t at = position_clamp(sql, position);
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < at; i++) {
        if (sql.data[i] == '\n') {
            ++*line;
            *column = 1;
        } else {
            *column += byte_begins_character(sql.data[i]);
        }
    }
}

/* `count` characters before `position`, not beyond `least`. */
static size_t
step_back(wr_text sql, size_t position, size_t least, int count)
{
    while (position > least && count > 0) {
        position--;
        count -= byte_begins_character(sql.data[position]);
    }
    return position;
}

/* Appends characters up to `end` or the end of the line, at most `most`; returns where it
 * stopped. */
static size_t
line_append(wr_text sql, size_t position, size_t end, int most, wr_buffer *out)
{
    while (position < end && sql.data[position] != '\n') {
        char c = sql.data[position];
        if (byte_begins_character(c) && most-- == 0) {
            break;
        }
        bool control = (unsigned char)c < 0x20 || c == 0x7F;
        wr_buffer_char(out, control ? ' ' : c);
        position++;
    }
    return position;
}

static int
character_count(wr_text sql, size_t from, size_t to)
{
    int count = 0;
    for (size_t i = from; i < to && sql.data[i] != '\n'; i++) {
        count += byte_begins_character(sql.data[i]);
    }
    return count;
}

void
wr_text_caret(wr_text sql, int position, int length, wr_buffer *out)
{
    size_t at = position_clamp(sql, position);
    size_t start = step_back(sql, at, line_start(sql, at), BEFORE_MAX);
    bool cut = start > line_start(sql, at);
    wr_buffer_printf(out, "%s", cut ? "…" : "");
    (void)line_append(sql, start, at, BEFORE_MAX, out);
    size_t stop = line_append(sql, at, sql.size, AFTER_MAX, out);
    bool more = stop < sql.size && sql.data[stop] != '\n';
    wr_buffer_printf(out, "%s\n", more ? "…" : "");
    int before = character_count(sql, start, at) + cut;
    wr_buffer_printf(out, "%*s^", before, "");
    size_t end = at + (size_t)(length > 0 ? length : 1);
    int under = character_count(sql, at, end < stop ? end : stop);
    for (int i = 1; i < under; i++) {
        wr_buffer_char(out, '~');
    }
    wr_buffer_char(out, '\n');
}
