/* The Arrow C data interface: two structs by which columns cross a library border without a copy.
 * Their layout is the interface's ABI (arrow.apache.org/docs/format/CDataInterface.html); a program
 * that has them from elsewhere says so by the guard, as the interface asks for.
 *
 * `release` non-NULL: the struct owns what it points at, and whoever holds it calls release once.
 * Moving is copying the struct and setting the old one's release to NULL. */
#ifndef WEIR_CORE_ARROW_H
#define WEIR_CORE_ARROW_H

#include <stdint.h>

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

enum { ARROW_FLAG_DICTIONARY_ORDERED = 1, ARROW_FLAG_NULLABLE = 2, ARROW_FLAG_MAP_KEYS_SORTED = 4 };

struct ArrowSchema {
    const char *format; /* "l": int64, "g": double, "u": UTF-8, "+s": struct, … */
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count; /* -1: not counted */
    int64_t offset;     /* first row in the buffers */
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

#endif
