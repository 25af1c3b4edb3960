/* SPDX-License-Identifier: MIT
 * A secondary installer in C: replaces FILE once nobody uses it.   secondary FILE */
#include "entracte_rm.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const char *const key = getenv("ENTRACTE_SESSION_KEY");
    uint32_t handle;
    char draft[4096];
    FILE *file;
    const char *const files[] = {argc > 1 ? argv[1] : NULL};

    if (!key || rm_join_session(&handle, key) != ENTRACTE_RM_SUCCESS)
        return 2;
    if (rm_register_resources(handle, 1, files, 0, NULL, 0, NULL) != ENTRACTE_RM_SUCCESS
        || rm_await_shutdown(handle) != ENTRACTE_RM_SUCCESS)
        return 3;
    snprintf(draft, sizeof draft, "%s.new", files[0]);
    file = fopen(draft, "w");
    if (!file || fputs("from C\n", file) < 0 || fclose(file) != 0 || rename(draft, files[0]) != 0)
        return 4;
    return rm_end_session(handle) == ENTRACTE_RM_SUCCESS ? 0 : 5;
}
