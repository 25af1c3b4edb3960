/* SPDX-License-Identifier: MIT */
/* Preloaded into the wizard by `run --break WHAT`, named by AURORA_BREAK, so that the verdict can
 * be seen to notice: nothing of Aurora can be renamed any more once it was tried to exchange the
 * trees, or Aurora cannot be started again. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/fs.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int breaks(const char *what)
{
    const char *chosen = getenv("AURORA_BREAK");
    return chosen && strcmp(chosen, what) == 0;
}

static int is_lost_aurora(const char *path)
{
    const size_t length = path ? strlen(path) : 0;
    return length >= 7 && strcmp(path + length - 7, "/aurora") == 0 && breaks("relaunch");
}

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* Trying out what the file system can do, and tidying up, still work. */
static int is_lost_rename(const char *old_path, const char *new_path, unsigned int flags)
{
    static int swap_was_tried;
    if (!breaks("swap"))
        return 0;
    if ((flags & RENAME_EXCHANGE) && strcmp(old_path, "new") == 0)
        swap_was_tried = 1;
    return swap_was_tried && strcmp(new_path, "trash") != 0;
}

int renameat2(int old_dir, const char *old_path, int new_dir, const char *new_path,
              unsigned int flags)
{
    int (*real)(int, const char *, int, const char *, unsigned int) = next("renameat2");
    if (is_lost_rename(old_path, new_path, flags)) {
        errno = EIO;
        return -1;
    }
    return real(old_dir, old_path, new_dir, new_path, flags);
}

int execve(const char *path, char *const argv[], char *const envp[])
{
    int (*real)(const char *, char *const[], char *const[]) = next("execve");
    if (is_lost_aurora(path)) {
        errno = ENOENT;
        return -1;
    }
    return real(path, argv, envp);
}

int execv(const char *path, char *const argv[])
{
    return execve(path, argv, environ);
}

int execvpe(const char *file, char *const argv[], char *const envp[])
{
    int (*real)(const char *, char *const[], char *const[]) = next("execvpe");
    if (is_lost_aurora(file)) {
        errno = ENOENT;
        return -1;
    }
    return real(file, argv, envp);
}

int execvp(const char *file, char *const argv[])
{
    return execvpe(file, argv, environ);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
    int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *,
                const posix_spawnattr_t *, char *const[], char *const[]) = next("posix_spawn");
    if (is_lost_aurora(path))
        return ENOENT;
    return real(pid, path, actions, attributes, argv, envp);
}
