/* A growing byte string, whole files, and the nearest word: what every part of the command needs.
 *
 * 1. data[size] is NUL whenever data is there.
 * 2. Memory that cannot be had ends the program with exit 1, so no caller checks. */
#include "cli/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
memory_gone(void)
{
    fputs("weir: out of memory\n", stderr);
    exit(1);
}

void *
cli_allocate(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);
    if (memory == NULL)
        memory_gone();
    return memory;
}

void *
cli_reallocate(void *memory, size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size)
        memory_gone();
    void *larger = realloc(memory, count * size > 0 ? count * size : 1);
    if (larger == NULL)
        memory_gone();
    return larger;
}

char *
cli_copy(const char *z)
{
    size_t size = strlen(z) + 1;
    return memcpy(cli_allocate(size, 1), z, size);
}

static void
text_reserve(cli_text *text, size_t more)
{
    if (text->capacity - text->size > more)
        return;
    size_t capacity = text->capacity > 0 ? text->capacity : 64;
    while (capacity - text->size <= more) {
        if (capacity > SIZE_MAX / 2)
            memory_gone();
        capacity *= 2;
    }
    text->data = cli_reallocate(text->data, capacity, 1);
    text->capacity = capacity;
}

void
cli_text_append(cli_text *text, const char *data, size_t size)
{
    text_reserve(text, size);
    if (size > 0)
        memcpy(text->data + text->size, data, size);
    text->size += size;
    text->data[text->size] = '\0';
}

void
cli_text_append_z(cli_text *text, const char *z)
{
    cli_text_append(text, z, strlen(z));
}

void
cli_text_append_char(cli_text *text, char c)
{
    cli_text_append(text, &c, 1);
}

void
cli_text_format(cli_text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    if (size > 0) {
        text_reserve(text, (size_t)size);
        vsnprintf(text->data + text->size, (size_t)size + 1, format, again);
        text->size += (size_t)size;
    }
    va_end(again);
    va_end(args);
}

const char *
cli_text_z(const cli_text *text)
{
    return text->data != NULL ? text->data : "";
}

void
cli_text_reset(cli_text *text)
{
    text->size = 0;
    if (text->data != NULL)
        text->data[0] = '\0';
}

void
cli_text_fini(cli_text *text)
{
    free(text->data);
    *text = (cli_text){0};
}

bool
cli_read_fd(int fd, cli_text *text)
{
    for (;;) {
        text_reserve(text, 65536);
        ssize_t got = read(fd, text->data + text->size, text->capacity - text->size - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        text->size += (size_t)got;
        text->data[text->size] = '\0';
        if (got == 0)
            return true;
    }
}

bool
cli_read_file(const char *path, cli_text *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool read_all = cli_read_fd(fd, text);
    int reason = errno;
    close(fd);
    errno = reason;
    return read_all;
}

/* Levenshtein distance, one row of the table at a time. */
static int
word_distance(const char *a, const char *b)
{
    enum { WORD_MAX = 40 };
    int row[WORD_MAX + 1];
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > WORD_MAX || b_size > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= b_size; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= a_size; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= b_size; j++) {
            int replaced = diagonal + (a[i - 1] != b[j - 1]);
            int shorter = row[j - 1] + 1, longer = row[j] + 1;
            diagonal = row[j];
            row[j] = replaced < shorter ? replaced : shorter;
            if (longer < row[j])
                row[j] = longer;
        }
    }
    return row[b_size];
}

const char *
cli_nearest(const char *word, const char *(*next)(int i))
{
    const char *nearest = NULL;
    int allowed = (int)(strlen(word) + 2) / 3, best = allowed + 1;
    for (int i = 0; next(i) != NULL; i++) {
        int distance = word_distance(word, next(i));
        if (distance < best) {
            best = distance;
            nearest = next(i);
        }
    }
    return nearest;
}
