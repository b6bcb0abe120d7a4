/* Text views: comparison, trimming, and "did you mean".
 *
 * Idea of the distance: the restricted Damerau–Levenshtein table, of which three rows are kept.
 *   hots → host   is 1 (two neighbours swapped), so a slip of the finger is nearer than two edits
 *
 * 1. Case folding is of ASCII letters only: names are compared like that everywhere. */
#include "core/text.h"

#include <string.h>

enum { DISTANCE_SIZE_MAX = 96 };

static inline unsigned char
text_fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

wr_text
wr_text_from(const char *nul_terminated)
{
    return nul_terminated ? (wr_text){nul_terminated, strlen(nul_terminated)} : WR_TEXT_NONE;
}

bool
wr_text_equal(wr_text a, wr_text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool
wr_text_equal_nocase(wr_text a, wr_text b)
{
    if (a.size != b.size) {
        return false;
    }
    for (size_t i = 0; i < a.size; i++) {
        if (text_fold(a.data[i]) != text_fold(b.data[i])) {
            return false;
        }
    }
    return true;
}

int
wr_text_compare(wr_text a, wr_text b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared ? memcmp(a.data, b.data, shared) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

bool
wr_text_starts_with(wr_text text, wr_text prefix)
{
    return text.size >= prefix.size &&
           (prefix.size == 0 || memcmp(text.data, prefix.data, prefix.size) == 0);
}

static bool
text_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

wr_text
wr_text_trim(wr_text text)
{
    while (text.size > 0 && text_is_space(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && text_is_space(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

static int
int_min(int a, int b)
{
    return a < b ? a : b;
}

/* One row of the table: distances of the first `i` characters of a to every prefix of b. Returns
 * the least entry. rows[0] is filled, rows[1] and rows[2] are the one and two before it. */
static int
distance_row(wr_text a, wr_text b, int i, int *const rows[3])
{
    unsigned char c = text_fold(a.data[i - 1]);
    int least = rows[0][0] = i;
    for (int j = 1; j <= (int)b.size; j++) {
        unsigned char d = text_fold(b.data[j - 1]);
        int best = rows[1][j - 1] + (c != d);
        best = int_min(best, int_min(rows[1][j], rows[0][j - 1]) + 1);
        if (i > 1 && j > 1 && c == text_fold(b.data[j - 2]) && d == text_fold(a.data[i - 2])) {
            best = int_min(best, rows[2][j - 2] + 1);
        }
        rows[0][j] = best;
        least = int_min(least, best);
    }
    return least;
}

int
wr_text_distance(wr_text a, wr_text b, int limit)
{
    if (a.size > DISTANCE_SIZE_MAX || b.size > DISTANCE_SIZE_MAX) {
        return wr_text_equal_nocase(a, b) ? 0 : limit + 1;
    }
    int table[3][DISTANCE_SIZE_MAX + 1];
    for (int j = 0; j <= (int)b.size; j++) {
        table[0][j] = j;
    }
    for (int i = 1; i <= (int)a.size; i++) {
        int *const rows[3] = {table[i % 3], table[(i + 2) % 3], table[(i + 1) % 3]};
        if (distance_row(a, b, i, rows) > limit) {
            return limit + 1;
        }
    }
    return int_min(table[a.size % 3][b.size], limit + 1);
}

/* Does b have the characters of a, in whatever order? */
static bool
text_is_shuffled(wr_text a, wr_text b)
{
    int counts[256] = {0}, odd = 0;
    for (size_t i = 0; i < a.size && a.size == b.size; i++) {
        counts[text_fold(a.data[i])]++;
        counts[text_fold(b.data[i])]--;
    }
    for (int i = 0; i < 256; i++) {
        odd += counts[i] != 0;
    }
    return a.size == b.size && odd == 0;
}

int
wr_text_nearest(wr_text word, const wr_text *candidates, int count)
{
    int limit = 1 + (int)(word.size < 400 ? word.size / 4 : 100);
    int nearest = -1;
    bool is_shuffled = false;
    for (int i = 0; i < count; i++) {
        int distance = wr_text_distance(word, candidates[i], limit);
        /* Replacing every character is no likeness. */
        size_t longer = word.size > candidates[i].size ? word.size : candidates[i].size;
        if (distance > limit || (size_t)distance >= longer ||
            (word.size > 1 && (size_t)distance >= word.size)) {
            continue;
        }
        bool is_nearer = nearest < 0 || distance < limit;
        if (is_nearer || (!is_shuffled && text_is_shuffled(word, candidates[i]))) {
            nearest = i;
            limit = distance;
            is_shuffled = text_is_shuffled(word, candidates[i]);
        }
    }
    return nearest;
}
