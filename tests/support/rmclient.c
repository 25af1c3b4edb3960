/* SPDX-License-Identifier: MIT
 * An installer in plain C, driven by a test: reads one command a line, makes the call of the C
 * interface, prints what came back, then "ok". Fields are separated by tabs.
 *
 *   start | start-bad flags|handle|key | join KEY | end H
 *   register H RESOURCE…          RESOURCE: f:PATH p:PID:START s:NAME null
 *   register-many H COUNT PREFIX  PREFIX0 … PREFIXcount-1 in one call
 *   register-each H COUNT PREFIX LIMIT  the same in COUNT calls; stops after LIMIT milliseconds
 *   hold PATH | list H ROOM | list-all H | list-growing H | shutdown H FLAGS | restart H
 *   begin shutdown|restart|list|swap H FLAGS   in another thread; "await" prints its outcome
 *   cancel H | await
 *   filter H RESOURCE ACTION | filter-two H | unfilter H RESOURCE | filters H SIZE
 *   register-restart FLAGS LINE | unregister-restart
 */
#include "entracte_rm.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST 64

static char *field[MOST];
static int fields;

static void split(char *line)
{
    line[strcspn(line, "\n")] = 0;
    fields = 0;
    for (char *at = line; at && fields < MOST; ++fields) {
        field[fields] = at;
        at = strchr(at, '\t');
        if (at)
            *at++ = 0;
    }
}

static uint32_t handle(void)
{
    return (uint32_t)strtoul(field[1], NULL, 10);
}

static entracte_rm_unique_process process_from(const char *text)
{
    entracte_rm_unique_process process = {0, 0, 0};
    char *end;
    process.process_id = (int32_t)strtol(text, &end, 10);
    process.process_start_time = strtoull(end + 1, NULL, 10);
    return process;
}

static void print_progress(uint32_t percent)
{
    printf("progress\t%u\n", percent);
}

static uint32_t register_fields(void)
{
    const char *files[MOST], *services[MOST];
    entracte_rm_unique_process processes[MOST];
    uint32_t file_count = 0, service_count = 0, process_count = 0;
    for (int i = 2; i < fields; ++i) {
        if (strcmp(field[i], "null") == 0)
            files[file_count++] = NULL;
        else if (field[i][0] == 'f')
            files[file_count++] = field[i] + 2;
        else if (field[i][0] == 's')
            services[service_count++] = field[i] + 2;
        else
            processes[process_count++] = process_from(field[i] + 2);
    }
    return rm_register_resources(handle(), file_count, files, process_count, processes,
                                 service_count, services);
}

static char **names(int count, const char *prefix)
{
    char **all = calloc((size_t)count, sizeof *all);
    for (int i = 0; i < count; ++i) {
        const size_t size = strlen(prefix) + 12;
        all[i] = malloc(size);
        snprintf(all[i], size, "%s%d", prefix, i);
    }
    return all;
}

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

/* code, calls made, milliseconds */
static void register_many(int one_call)
{
    const int count = atoi(field[2]);
    const double limit = fields > 4 ? atof(field[4]) : 0;
    char **all = names(count, field[3]);
    uint32_t code = 0;
    int calls = 0;
    const double begin = milliseconds();
    if (one_call) {
        code = rm_register_resources(handle(), (uint32_t)count, (const char *const *)all, 0, NULL,
                                     0, NULL);
        ++calls;
    } else {
        while (calls < count && code == 0 && milliseconds() - begin < limit) {
            const char *one = all[calls++];
            code = rm_register_resources(handle(), 1, &one, 0, NULL, 0, NULL);
        }
    }
    printf("%u\t%d\t%.3f\n", code, calls, milliseconds() - begin);
    for (int i = 0; i < count; ++i)
        free(all[i]);
    free(all);
}

static void print_list(const entracte_rm_process_info *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; ++i)
        printf("%d\t%llu\t%u\t%u\t%d\t%d\t%s\t%s\n", list[i].process.process_id,
               (unsigned long long)list[i].process.process_start_time, list[i].application_type,
               list[i].app_status, list[i].restartable, list[i].ts_session_id,
               list[i].service_short_name, list[i].app_name);
}

/* code, needed, count, reasons; then one line an entry */
static void list_with_room(uint32_t room)
{
    uint32_t needed = 0, count = room, reasons = 0;
    entracte_rm_process_info *list = room ? calloc(room, sizeof *list) : NULL;
    const uint32_t code = rm_get_list(handle(), &needed, &count, list, &reasons);
    printf("%u\t%u\t%u\t%u\n", code, needed, count, reasons);
    print_list(list, count);
    free(list);
}

/* What reality will not produce on demand: a list that has grown whenever one looks again. */
static uint32_t ever_growing(uint32_t number, uint32_t *needed, uint32_t *count,
                             entracte_rm_process_info *list, uint32_t *reasons)
{
    (void)number, (void)list, (void)reasons;
    *needed = *count + 9;
    *count = 0;
    return ENTRACTE_RM_ERROR_MORE_DATA;
}

/* code, count, reasons; then one line an entry */
static void list_all(entracte_rm_get_list_function get)
{
    uint32_t count = 0, reasons = 0;
    entracte_rm_process_info *list = NULL;
    const uint32_t code = entracte_rm_get_whole_list(get, handle(), &list, &count, &reasons);
    printf("%u\t%u\t%u\t%s\n", code, count, reasons, list ? "list" : "none");
    if (list)
        print_list(list, count);
    free(list);
}

struct task
{
    char what[16];
    uint32_t handle;
    uint32_t flags;
    uint32_t code;
    double took;
};

static struct task task;
static pthread_t task_thread;

static void *run_task(void *nothing)
{
    (void)nothing;
    const double begin = milliseconds();
    uint32_t needed, count = 0, reasons;
    if (strcmp(task.what, "shutdown") == 0)
        task.code = rm_shutdown(task.handle, task.flags, NULL);
    else if (strcmp(task.what, "restart") == 0)
        task.code = rm_restart(task.handle, 0, NULL);
    else if (strcmp(task.what, "swap") == 0)
        task.code = rm_await_shutdown(task.handle);
    else
        task.code = rm_get_list(task.handle, &needed, &count, NULL, &reasons);
    task.took = milliseconds() - begin;
    return NULL;
}

static void begin_task(void)
{
    snprintf(task.what, sizeof task.what, "%s", field[1]);
    task.handle = (uint32_t)strtoul(field[2], NULL, 10);
    task.flags = (uint32_t)strtoul(field[3], NULL, 10);
    pthread_create(&task_thread, NULL, run_task, NULL);
}

static void change_filter(int add)
{
    entracte_rm_unique_process process;
    const char *const text = fields > 2 ? field[2] : "";
    const char *file = text[0] == 'f' ? text + 2 : NULL;
    const char *service = text[0] == 's' ? text + 2 : NULL;
    const entracte_rm_unique_process *selected = NULL;
    if (text[0] == 'p') {
        process = process_from(text + 2);
        selected = &process;
    }
    printf("%u\n", add ? rm_add_filter(handle(), file, selected, service,
                                       fields > 3 ? (uint32_t)atoi(field[3]) : 1)
                       : rm_remove_filter(handle(), file, selected, service));
}

/* code, needed; then trigger, action, name or pid of each */
static void print_filters(void)
{
    const uint32_t size = (uint32_t)strtoul(field[2], NULL, 10);
    char *buffer = size ? calloc(1, size) : NULL;
    uint32_t needed = 0;
    const uint32_t code = rm_get_filter_list(handle(), buffer, size, &needed);
    printf("%u\t%u\n", code, needed);
    for (uint32_t at = 0; code == 0 && needed > 0;) {
        const entracte_rm_filter_info *filter = (const void *)(buffer + at);
        if (filter->name_offset)
            printf("%u\t%u\t%s\n", filter->filter_trigger, filter->filter_action,
                   buffer + at + filter->name_offset);
        else
            printf("%u\t%u\t%d\n", filter->filter_trigger, filter->filter_action,
                   filter->process.process_id);
        if (!filter->next_offset)
            break;
        at += filter->next_offset;
    }
    free(buffer);
}

static void obey(void)
{
    const char *const command = field[0];
    uint32_t number = 0;
    char key[ENTRACTE_RM_CCH_SESSION_KEY + 1] = {0};
    if (strcmp(command, "start") == 0) {
        const uint32_t code = rm_start_session(&number, 0, key);
        printf("%u\t%u\t%s\n", code, number, key);
    } else if (strcmp(command, "start-bad") == 0) {
        const char wrong = field[1][0];
        printf("%u\n", rm_start_session(wrong == 'h' ? NULL : &number, wrong == 'f' ? 1 : 0,
                                        wrong == 'k' ? NULL : key));
    } else if (strcmp(command, "join") == 0) {
        const uint32_t code = rm_join_session(&number, field[1]);
        printf("%u\t%u\n", code, number);
    } else if (strcmp(command, "end") == 0) {
        printf("%u\n", rm_end_session(handle()));
    } else if (strcmp(command, "register") == 0) {
        printf("%u\n", register_fields());
    } else if (strcmp(command, "register-many") == 0) {
        register_many(1);
    } else if (strcmp(command, "register-each") == 0) {
        register_many(0);
    } else if (strcmp(command, "list") == 0) {
        list_with_room((uint32_t)strtoul(field[2], NULL, 10));
    } else if (strcmp(command, "list-all") == 0) {
        list_all(rm_get_list);
    } else if (strcmp(command, "list-growing") == 0) {
        list_all(ever_growing);
    } else if (strcmp(command, "hold") == 0) {
        puts(fopen(field[1], "r") ? "0" : "1");
    } else if (strcmp(command, "shutdown") == 0) {
        printf("%u\n",
               rm_shutdown(handle(), (uint32_t)strtoul(field[2], NULL, 10), print_progress));
    } else if (strcmp(command, "restart") == 0) {
        printf("%u\n", rm_restart(handle(), 0, print_progress));
    } else if (strcmp(command, "begin") == 0) {
        begin_task();
    } else if (strcmp(command, "await") == 0) {
        pthread_join(task_thread, NULL);
        printf("%u\t%.3f\n", task.code, task.took);
    } else if (strcmp(command, "cancel") == 0) {
        printf("%u\n", rm_cancel_current_task(handle()));
    } else if (strcmp(command, "filter") == 0) {
        change_filter(1);
    } else if (strcmp(command, "filter-two") == 0) {
        printf("%u\n", rm_add_filter(handle(), "/a", NULL, "b", ENTRACTE_RM_NO_RESTART));
    } else if (strcmp(command, "unfilter") == 0) {
        change_filter(0);
    } else if (strcmp(command, "filters") == 0) {
        print_filters();
    } else if (strcmp(command, "register-restart") == 0) {
        printf("%u\n", rm_register_application_restart(fields > 2 ? field[2] : NULL,
                                                       (uint32_t)atoi(field[1])));
    } else if (strcmp(command, "unregister-restart") == 0) {
        printf("%u\n", rm_unregister_application_restart());
    } else {
        printf("unknown command %s\n", command);
    }
}

int main(void)
{
    static char line[1 << 16];
    while (fgets(line, sizeof line, stdin)) {
        split(line);
        obey();
        puts("ok");
        fflush(stdout);
    }
    return 0;
}
