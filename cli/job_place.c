/* Where a job is found, so that `weir status hourly` needs nothing but the name.
 *
 *   state     ~/.local/state/weir/jobs/hourly/             (--state DIR)
 *   socket    $XDG_RUNTIME_DIR/weir/hourly.sock, or
 *             /run/weir/hourly.sock, or
 *             DIR/control.sock                             where neither can be written
 *   link      DIR/control.sock → the socket                so that DIR will do instead of the name
 *
 * 1. A running job makes its socket at the first of these places that works; a client tries them in
 *    the same order.
 * 2. Directories that we make are ours alone (0700). */
#include "cli/job_place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
cli_job_name_is_valid(const char *name)
{
    size_t size = strlen(name);
    size_t fitting = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_-");
    return size >= 1 && size <= CLI_JOB_NAME_MAX && fitting == size;
}

void
cli_job_name_of_file(const char *path, cli_text *name)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    cli_text_append(name, base, dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base));
}

bool
cli_job_default_dir(const char *name, cli_text *dir)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state != NULL && state[0] == '/')
        cli_text_format(dir, "%s/weir/jobs/%s", state, name);
    else if (home != NULL && home[0] == '/')
        cli_text_format(dir, "%s/.local/state/weir/jobs/%s", home, name);
    return dir->size > 0;
}

bool
cli_job_dir(const char *given, cli_text *dir)
{
    struct stat status;
    bool is_there = stat(given, &status) == 0 && S_ISDIR(status.st_mode);
    if (!is_there && cli_job_name_is_valid(given))
        return cli_job_default_dir(given, dir);
    cli_text_append_z(dir, given);
    return given[0] != '\0';
}

void
cli_job_link(const char *state_dir, cli_text *path)
{
    cli_text_format(path, "%s/control.sock", state_dir);
}

bool
cli_job_socket_at(int i, const char *name, const char *state_dir, cli_text *path)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    bool has_runtime = runtime != NULL && runtime[0] == '/';
    cli_text_reset(path);
    if (i == 0 && has_runtime)
        cli_text_format(path, "%s/weir/%s.sock", runtime, name);
    else if (i == (has_runtime ? 1 : 0))
        cli_text_format(path, "/run/weir/%s.sock", name);
    else if (i == (has_runtime ? 2 : 1) && state_dir != NULL)
        cli_job_link(state_dir, path);
    else if (i == (has_runtime ? 2 : 1) && cli_job_default_dir(name, path))
        cli_text_append_z(path, "/control.sock");
    return path->size > 0;
}

bool
cli_directory_make(const char *path)
{
    cli_text made = {0};
    bool is_made = true;
    for (const char *at = path; is_made && *at != '\0';) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        cli_text_reset(&made);
        cli_text_append(&made, path, (size_t)(at - path));
        is_made = mkdir(cli_text_z(&made), 0700) == 0 || errno == EEXIST || errno == EISDIR;
        /* A part that we may not write is no matter as long as it is there. */
        is_made = is_made || access(cli_text_z(&made), X_OK) == 0;
    }
    cli_text_fini(&made);
    return is_made;
}

bool
cli_path_absolute(const char *path, cli_text *out)
{
    if (path[0] != '/') {
        char *here = realpath(".", NULL);
        if (here == NULL)
            return false;
        cli_text_format(out, "%s/", here);
        free(here);
    }
    cli_text_append_z(out, path);
    return true;
}
