/* Loading libmicrohttpd by its name, which the build has taken from the library it found.
 *
 * 1. All of its functions are there, or none: then it is another version than we were built for. */
#include "cli/http_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static cli_http_library library;

/* A function of that name; what dlsym gives is an object pointer, which POSIX says holds one. */
static int
function_find(void *handle, const char *name, void *place)
{
    void *found = dlsym(handle, name);
    memcpy(place, &found, sizeof found);
    return found != NULL;
}

const cli_http_library *
cli_http_library_load(const char **why)
{
    static void *handle;
    if (handle != NULL)
        return &library;
    handle = dlopen(WEIR_MICROHTTPD, RTLD_NOW | RTLD_LOCAL);
    int there = handle != NULL;
#define FIND(name) there = there && function_find(handle, "MHD_" #name, &library.name);
    CLI_HTTP_FUNCTIONS(FIND)
#undef FIND
    if (there)
        return &library;
    static char reason[256]; /* what dlerror gives ends with the next call */
    const char *said = dlerror();
    snprintf(reason, sizeof reason, "%s", said != NULL ? said : "it is another version");
    *why = reason;
    if (handle != NULL)
        dlclose(handle);
    handle = NULL;
    return NULL;
}
