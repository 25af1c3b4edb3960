/* SPDX-License-Identifier: MIT */
#ifndef ENTRACTE_RM_H
#define ENTRACTE_RM_H

/*
 * The restart manager for any language: the eleven calls of the Windows Restart Manager, with its
 * names, numbers and rules, on Linux. Link with -lentracte-rm; no Qt in sight, no event loop
 * needed.
 *
 *     rm_start_session ─ rm_register_resources ─ rm_get_list ─ rm_shutdown ─ (replace the files)
 *                                                             ─ rm_restart ─ rm_end_session
 *
 * Every function returns 0 or one of the ENTRACTE_RM_ERROR_ codes and never touches errno. Text is
 * UTF-8 and always terminated. Calls on one session are for one thread at a time, except
 * rm_cancel_current_task, which is meant for another; a second task on a busy session returns
 * ENTRACTE_RM_ERROR_BUSY. Handles are small integers that begin with 0: 0 is valid. A fork()ed
 * child must not use handles of its parent.
 *
 * The rules are those of Windows to the letter (ask RestartSession of the Qt framework for more):
 * only programs that registered for restart, and run as the caller's user, come back; a single
 * reboot reason refuses the whole shutdown; what was registered cannot be taken back.
 */

#include <stdint.h>
#include <stdlib.h>

#if defined(__GNUC__)
#define ENTRACTE_RM_API __attribute__((visibility("default")))
#else
#define ENTRACTE_RM_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum {
    ENTRACTE_RM_SUCCESS = 0,
    ENTRACTE_RM_ERROR_FILE_NOT_FOUND = 2,
    ENTRACTE_RM_ERROR_ACCESS_DENIED = 5,
    ENTRACTE_RM_ERROR_INVALID_HANDLE = 6,
    ENTRACTE_RM_ERROR_OUTOFMEMORY = 14,
    ENTRACTE_RM_ERROR_WRITE_FAULT = 29,
    ENTRACTE_RM_ERROR_SEM_TIMEOUT = 121,
    ENTRACTE_RM_ERROR_BAD_ARGUMENTS = 160,
    ENTRACTE_RM_ERROR_BUSY = 170,
    ENTRACTE_RM_ERROR_MORE_DATA = 234,
    ENTRACTE_RM_ERROR_FAIL_NOACTION_REBOOT = 350,
    ENTRACTE_RM_ERROR_FAIL_SHUTDOWN = 351,
    ENTRACTE_RM_ERROR_FAIL_RESTART = 352,
    ENTRACTE_RM_ERROR_MAX_SESSIONS_REACHED = 353,
    ENTRACTE_RM_ERROR_REQUEST_OUT_OF_SEQUENCE = 776,
    ENTRACTE_RM_ERROR_SESSION_CREDENTIAL_CONFLICT = 1219,
    ENTRACTE_RM_ERROR_CANCELLED = 1223
};

enum {
    ENTRACTE_RM_SESSION_KEY_LEN = 16, /* bytes of the key */
    ENTRACTE_RM_CCH_SESSION_KEY = 32, /* characters, terminator not counted */
    ENTRACTE_RM_CCH_MAX_APP_NAME = 255,
    ENTRACTE_RM_CCH_MAX_SVC_NAME = 63,
    ENTRACTE_RM_INVALID_TS_SESSION = -1,
    ENTRACTE_RM_INVALID_PROCESS = -1,
    ENTRACTE_RM_MAX_RESTART_CMD_LINE = 1023 /* characters, terminator not counted */
};

/* What kind of application it is. */
enum {
    ENTRACTE_RM_UNKNOWN_APP = 0,
    ENTRACTE_RM_MAIN_WINDOW = 1,
    ENTRACTE_RM_OTHER_WINDOW = 2,
    ENTRACTE_RM_SERVICE = 3,
    ENTRACTE_RM_EXPLORER = 4,
    ENTRACTE_RM_CONSOLE = 5,
    ENTRACTE_RM_CRITICAL = 1000
};

/* What happened to it: bits that accumulate. */
enum {
    ENTRACTE_RM_STATUS_UNKNOWN = 0x00,
    ENTRACTE_RM_STATUS_RUNNING = 0x01,
    ENTRACTE_RM_STATUS_STOPPED = 0x02,
    ENTRACTE_RM_STATUS_STOPPED_OTHER = 0x04,
    ENTRACTE_RM_STATUS_RESTARTED = 0x08,
    ENTRACTE_RM_STATUS_ERROR_ON_STOP = 0x10,
    ENTRACTE_RM_STATUS_ERROR_ON_RESTART = 0x20,
    ENTRACTE_RM_STATUS_SHUTDOWN_MASKED = 0x40,
    ENTRACTE_RM_STATUS_RESTART_MASKED = 0x80
};

/* Why closing applications is not enough: bits. */
enum {
    ENTRACTE_RM_REBOOT_REASON_NONE = 0x00,
    ENTRACTE_RM_REBOOT_REASON_PERMISSION_DENIED = 0x01,
    ENTRACTE_RM_REBOOT_REASON_SESSION_MISMATCH = 0x02,
    ENTRACTE_RM_REBOOT_REASON_CRITICAL_PROCESS = 0x04,
    ENTRACTE_RM_REBOOT_REASON_CRITICAL_SERVICE = 0x08,
    ENTRACTE_RM_REBOOT_REASON_DETECTED_SELF = 0x10
};

/* How to shut down: bits. */
enum { ENTRACTE_RM_FORCE_SHUTDOWN = 0x01, ENTRACTE_RM_SHUTDOWN_ONLY_REGISTERED = 0x10 };

enum {
    ENTRACTE_RM_INVALID_FILTER_ACTION = 0,
    ENTRACTE_RM_NO_RESTART = 1,
    ENTRACTE_RM_NO_SHUTDOWN = 2
};

enum {
    ENTRACTE_RM_FILTER_TRIGGER_INVALID = 0,
    ENTRACTE_RM_FILTER_TRIGGER_FILE = 1,
    ENTRACTE_RM_FILTER_TRIGGER_PROCESS = 2,
    ENTRACTE_RM_FILTER_TRIGGER_SERVICE = 3
};

/* A process that cannot be taken for a later one with the same number. */
typedef struct entracte_rm_unique_process
{
    int32_t process_id;
    uint32_t reserved;           /* 0 */
    uint64_t process_start_time; /* clock ticks since boot: field 22 of /proc/PID/stat */
} entracte_rm_unique_process;

typedef struct entracte_rm_process_info
{
    entracte_rm_unique_process process;
    char app_name[256 * 4];
    char service_short_name[64 * 4];
    uint32_t application_type;
    uint32_t app_status;
    int32_t ts_session_id; /* number of the logon session, or ENTRACTE_RM_INVALID_TS_SESSION */
    int32_t restartable;   /* 1 if it will come back after a shutdown */
} entracte_rm_process_info;

/* One link of the chain that rm_get_filter_list writes. A name stands in the same buffer. */
typedef struct entracte_rm_filter_info
{
    uint32_t filter_action;
    uint32_t filter_trigger;
    uint32_t next_offset; /* bytes from this record to the next; 0 for the last */
    uint32_t name_offset; /* bytes from this record to its file or service name; 0 for a process */
    entracte_rm_unique_process process;
} entracte_rm_filter_info;

/* Called on the thread that made the call: 0 … 100, strictly rising, of applications, not of time.
 */
typedef void (*entracte_rm_write_status_callback)(uint32_t percent_complete);

/* Starts a session; this process is its primary. key: room for 33 characters; hand it to secondary
 * installers in the environment (ENTRACTE_SESSION_KEY), never in arguments.
 * 29, 121, 160, 353. */
ENTRACTE_RM_API uint32_t rm_start_session(uint32_t *handle, uint32_t reserved_flags, char *key);

/* Joins as a secondary: may register, and leave. 29, 121, 160, 353, 1219. */
ENTRACTE_RM_API uint32_t rm_join_session(uint32_t *handle, const char *key);

/* Primary: ends the session for everyone; starts nothing. Secondary: leaves; what it registered
 * stays. 6. */
ENTRACTE_RM_API uint32_t rm_end_session(uint32_t handle);

/* Secondary, beyond Windows: "I have registered everything"; returns when the primary has closed
 * the applications (0) or given up (1223). People may take as long as they like. 6, 160 for a
 * primary. */
ENTRACTE_RM_API uint32_t rm_await_shutdown(uint32_t handle);

/* Adds resources; all or nothing; call it seldom with much. Paths are absolute and need not exist;
 * services by short name. 6, 29, 121, 160. */
ENTRACTE_RM_API uint32_t rm_register_resources(uint32_t handle, uint32_t file_count,
                                               const char *const *files, uint32_t process_count,
                                               const entracte_rm_unique_process *processes,
                                               uint32_t service_count, const char *const *services);

/* Who is affected right now, in the order of closing. *count: in the room in \p list, out the
 * entries written; *needed: the entries there are. 234 with *count 0 when the room is too small:
 * ask again, a bounded number of times, with room for *needed and a few more.
 * 5, 6, 160, 170, 234, 1219, 1223. */
ENTRACTE_RM_API uint32_t rm_get_list(uint32_t handle, uint32_t *needed, uint32_t *count,
                                     entracte_rm_process_info *list, uint32_t *reboot_reasons);

/* Looks again, then closes everybody in the way. flags: ENTRACTE_RM_FORCE_SHUTDOWN, …; progress may
 * be null. 350: nobody was asked; 351: somebody stayed, see the statuses; 1223: cancelled.
 * 5, 6, 29, 160, 170, 350, 351, 1219, 1223. */
ENTRACTE_RM_API uint32_t rm_shutdown(uint32_t handle, uint32_t flags,
                                     entracte_rm_write_status_callback progress);

/* Brings back what rm_shutdown closed and may come back; also due after 351 and 1223.
 * 6, 160, 170, 352, 776, 1219, 1223. */
ENTRACTE_RM_API uint32_t rm_restart(uint32_t handle, uint32_t reserved_flags,
                                    entracte_rm_write_status_callback progress);

/* From another thread: the running list, shutdown or restart of this session returns 1223. Undoes
 * nothing. 0 also when nothing runs. 6, 1219. */
ENTRACTE_RM_API uint32_t rm_cancel_current_task(uint32_t handle);

/* Exactly one of the three selectors is given: the full path of a program, a process, a service.
 * The last filter for a target counts. 6, 160, 1219. */
ENTRACTE_RM_API uint32_t rm_add_filter(uint32_t handle, const char *module_name,
                                       const entracte_rm_unique_process *process,
                                       const char *service_short_name, uint32_t action);

/* 2 if there is no such filter. 6, 160, 1219. */
ENTRACTE_RM_API uint32_t rm_remove_filter(uint32_t handle, const char *module_name,
                                          const entracte_rm_unique_process *process,
                                          const char *service_short_name);

/* Writes a chain of entracte_rm_filter_info, 8-byte aligned if \p buffer is. 234 and *needed bytes
 * when \p size is too small. 6, 160, 234, 1219. */
ENTRACTE_RM_API uint32_t rm_get_filter_list(uint32_t handle, void *buffer, uint32_t size,
                                            uint32_t *needed);

typedef uint32_t (*entracte_rm_get_list_function)(uint32_t, uint32_t *, uint32_t *,
                                                  entracte_rm_process_info *, uint32_t *);

/* The loop that rm_get_list asks for, in at most five attempts: pass rm_get_list as \p get. *list
 * is for free(), null unless the result is 0. ENTRACTE_RM_ERROR_MORE_DATA after the last attempt:
 * try again later; it is never an empty list. */
static inline uint32_t entracte_rm_get_whole_list(entracte_rm_get_list_function get,
                                                  uint32_t handle, entracte_rm_process_info **list,
                                                  uint32_t *count, uint32_t *reboot_reasons)
{
    uint32_t needed = 0, code = ENTRACTE_RM_ERROR_MORE_DATA;
    int attempt;
    *list = 0;
    for (attempt = 0; attempt < 5 && code == ENTRACTE_RM_ERROR_MORE_DATA; ++attempt) {
        free(*list);
        *count = attempt == 0 ? 0 : needed + 4;
        *list = (entracte_rm_process_info *)calloc(*count + 1, sizeof **list);
        code = *list ? get(handle, &needed, count, *list, reboot_reasons)
                     : (uint32_t)ENTRACTE_RM_ERROR_OUTOFMEMORY;
    }
    if (code != ENTRACTE_RM_SUCCESS) {
        free(*list);
        *list = 0;
        *count = 0;
    }
    return code;
}

/* For applications: how to start this program again, as RegisterApplicationRestart. Arguments only,
 * split at spaces, with "double quotes" around what holds some; null or empty: none. flags: 1 not
 * after a crash, 2 a hang, 4 an update, 8 a reboot. The last call wins. Longer than 1023
 * characters: 160, and what was registered before stays. 29, 160. */
ENTRACTE_RM_API uint32_t rm_register_application_restart(const char *command_line, uint32_t flags);
ENTRACTE_RM_API uint32_t rm_unregister_application_restart(void);

#ifdef __cplusplus
}
#endif

#endif
