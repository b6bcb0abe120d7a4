/* The registry: all tables of all topics as one list, sorted by name.
 *
 *   "+" → [bigint, double, timestamp…]    found by binary search; overloads in the order of tables
 *
 * To add a topic: write its file with a table, add a line to the list of tables below.
 *
 * 1. The lists are built once, on first use by any thread, and live as long as the process. */
#include "functions/registry.h"

#include "core/memory.h"

#include <pthread.h>
#include <stdlib.h>

#define REGISTRY_EXTERN_FUNCTIONS(name) extern const wr_function_table wr_functions_##name;
WR_FUNCTION_TABLES(REGISTRY_EXTERN_FUNCTIONS)
#define REGISTRY_EXTERN_AGGREGATES(name) extern const wr_aggregate_table wr_aggregates_##name;
WR_AGGREGATE_TABLES(REGISTRY_EXTERN_AGGREGATES)

/* Both kinds of entries begin with their name. */
typedef struct registry_list {
    const void **entries;
    int count;
} registry_list;

static registry_list functions;
static registry_list aggregates;
static pthread_once_t registry_once = PTHREAD_ONCE_INIT;

/* An entry and its place in the order of tables and of entries in them. */
typedef struct registry_place {
    const void *entry;
    int place;
} registry_place;

static wr_text
entry_name(const void *entry)
{
    const char *name = *(const char *const *)entry;
    return wr_text_from(name);
}

static int
place_order(const void *a, const void *b)
{
    const registry_place *first = a;
    const registry_place *second = b;
    int order = wr_text_compare(entry_name(first->entry), entry_name(second->entry));
    return order ? order : first->place - second->place;
}

/* By name; entries of one name stay in their order. */
static void
list_sort(registry_list *list)
{
    registry_place *places = wr_alloc_array((size_t)list->count, sizeof(*places));
    for (int i = 0; i < list->count; i++) {
        places[i] = (registry_place){list->entries[i], i};
    }
    qsort(places, (size_t)list->count, sizeof(*places), place_order);
    for (int i = 0; i < list->count; i++) {
        list->entries[i] = places[i].entry;
    }
    wr_free(places);
}

static void
list_add(registry_list *list, const void *entries, int count, size_t entry_bytes)
{
    size_t total = (size_t)(list->count + count);
    list->entries = wr_realloc(list->entries, total * sizeof(*list->entries));
    for (int i = 0; i < count; i++) {
        list->entries[list->count++] = (const char *)entries + (size_t)i * entry_bytes;
    }
}

static void
registry_build(void)
{
#define REGISTRY_ADD_FUNCTIONS(name) \
    list_add(&functions, wr_functions_##name.entries, wr_functions_##name.count, \
             sizeof(wr_function));
    WR_FUNCTION_TABLES(REGISTRY_ADD_FUNCTIONS)
#define REGISTRY_ADD_AGGREGATES(name) \
    list_add(&aggregates, wr_aggregates_##name.entries, wr_aggregates_##name.count, \
             sizeof(wr_aggregate));
    WR_AGGREGATE_TABLES(REGISTRY_ADD_AGGREGATES)
    list_sort(&functions);
    list_sort(&aggregates);
}

static char
fold(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Order of `name`, in any case, against an entry's lower-case name. */
static int
name_order(wr_text name, wr_text entry)
{
    size_t shared = name.size < entry.size ? name.size : entry.size;
    for (size_t i = 0; i < shared; i++) {
        unsigned char a = (unsigned char)fold(name.data[i]);
        unsigned char b = (unsigned char)entry.data[i];
        if (a != b) {
            return a < b ? -1 : 1;
        }
    }
    return (name.size > entry.size) - (name.size < entry.size);
}

static const void *const *
list_find(const registry_list *list, wr_text name, int *count)
{
    int low = 0;
    int high = list->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (name_order(name, entry_name(list->entries[middle])) > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    int end = low;
    while (end < list->count && name_order(name, entry_name(list->entries[end])) == 0) {
        end++;
    }
    *count = end - low;
    return end > low ? list->entries + low : NULL;
}

const wr_function *const *
wr_function_find(wr_text name, int *count)
{
    pthread_once(&registry_once, registry_build);
    return (const wr_function *const *)list_find(&functions, name, count);
}

const wr_function *const *
wr_function_all(int *count)
{
    pthread_once(&registry_once, registry_build);
    *count = functions.count;
    return (const wr_function *const *)functions.entries;
}

const wr_aggregate *const *
wr_aggregate_find(wr_text name, int *count)
{
    pthread_once(&registry_once, registry_build);
    return (const wr_aggregate *const *)list_find(&aggregates, name, count);
}

const wr_aggregate *const *
wr_aggregate_all(int *count)
{
    pthread_once(&registry_once, registry_build);
    *count = aggregates.count;
    return (const wr_aggregate *const *)aggregates.entries;
}
