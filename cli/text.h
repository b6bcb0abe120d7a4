/* A growing byte string, and whole files in memory. Out of memory ends the program. */
#ifndef WEIR_CLI_TEXT_H
#define WEIR_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* NUL-terminated whenever data is not NULL. {0} is an empty text. */
typedef struct cli_text {
    char *data;
    size_t size, capacity;
} cli_text;

void cli_text_append(cli_text *text, const char *data, size_t size);
void cli_text_append_z(cli_text *text, const char *z);
void cli_text_append_char(cli_text *text, char c);
void cli_text_format(cli_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "" for an empty text; borrowed. */
const char *cli_text_z(const cli_text *text);
void cli_text_reset(cli_text *text); /* empties, keeps the memory */
void cli_text_fini(cli_text *text);

/* Room for `count` elements of `size` bytes; never NULL. Free with free(). */
void *cli_allocate(size_t count, size_t size);
void *cli_reallocate(void *memory, size_t count, size_t size);
char *cli_copy(const char *z);

/* The whole of an open file. false: errno says why. */
bool cli_read_fd(int fd, cli_text *text);
bool cli_read_file(const char *path, cli_text *text);

/* The candidate nearest to `word` (at most a third of its letters differ), or NULL. `next` gives
 * candidate i, NULL at the end. */
const char *cli_nearest(const char *word, const char *(*next)(int i));

#endif
