/* SPDX-License-Identifier: MIT */
/* oddholder WAY FILE : holds FILE where no list of descriptors shows it, says "ready" and waits.

     path      a descriptor with O_PATH
     flight    a descriptor on its way through a socket, and nowhere else
     thread    a descriptor that only a thread has, which shares none with its process
     ring      a fixed file of an io_uring, its descriptor closed
   A way that the kernel refuses is said on standard error; the status is 3 then. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *file;
static pthread_barrier_t opened;

static int openFile(int flags)
{
    const int descriptor = open(file, flags);
    if (descriptor < 0) {
        perror(file);
        exit(2);
    }
    return descriptor;
}

static void refused(const char *what)
{
    perror(what);
    exit(3);
}

static void sendAway(void)
{
    int ends[2];
    const int descriptor = openFile(O_RDONLY);
    char byte = 0;
    struct iovec data = {&byte, 1};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct msghdr message = {0};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || sendmsg(ends[0], &message, 0) != 1)
        refused("sendmsg");
    close(descriptor);
}

static void *openAlone(void *unused)
{
    (void)unused;
    if (unshare(CLONE_FILES) != 0)
        refused("unshare");
    openFile(O_RDONLY);
    pthread_barrier_wait(&opened);
    pause();
    return NULL;
}

static void giveToThread(void)
{
    pthread_t thread;
    pthread_barrier_init(&opened, NULL, 2);
    pthread_create(&thread, NULL, openAlone, NULL);
    pthread_barrier_wait(&opened);
}

static void giveToRing(void)
{
    struct io_uring_params parameters = {0};
    const int ring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
    if (ring < 0)
        refused("io_uring_setup");
    int descriptor = openFile(O_RDONLY);
    if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &descriptor, 1) != 0)
        refused("io_uring_register");
    close(descriptor);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    file = argv[2];
    if (strcmp(argv[1], "path") == 0)
        openFile(O_PATH);
    else if (strcmp(argv[1], "flight") == 0)
        sendAway();
    else if (strcmp(argv[1], "thread") == 0)
        giveToThread();
    else if (strcmp(argv[1], "ring") == 0)
        giveToRing();
    else
        return 2;
    puts("ready");
    fflush(stdout);
    for (;;)
        pause();
}
