/* Paths into JSON text: $, then .key, ['key'] or [index]; −1 is the last element. */
#ifndef WEIR_FUNCTIONS_JSON_PATH_H
#define WEIR_FUNCTIONS_JSON_PATH_H

#include "functions/json_text.h"

typedef struct wr_json_step {
    bool is_index;
    wr_text key;   /* its bytes as in the path */
    int64_t index; /* as written */
} wr_json_step;

/* Takes the '$' and the first step from the front of *path. 1: taken; 0: the path is at its end;
 * −1: it is no path. */
int wr_json_path_take(wr_text *path, wr_json_step *step);
/* The value of *json at the step; false: not there, *json is as it was. */
bool wr_json_step_follow(const wr_json_step *step, wr_text *json);
/* Follows a whole path from *json; false: nothing there, or no path. */
bool wr_json_follow(wr_text path, wr_text *json);

#endif
