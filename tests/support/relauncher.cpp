// SPDX-License-Identifier: MIT
// relauncher PID : takes down how the process was started, says "recorded"; once a line comes in,
// which is to be after the end of the process, starts it from the bytes of the record, says the new
// pid or the error, and ends. Run it as whom, and with which rights, an installer is to be tried.
#include "platform/linux/relaunch/launchrecord.h"

#include <QCoreApplication>

#include <csignal>
#include <cstdio>

using namespace Entracte;

static void say(const QByteArray &line)
{
    std::puts(line.constData());
    std::fflush(stdout);
}

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    ::signal(SIGUSR2, SIG_IGN); // both would be inherited
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    sigprocmask(SIG_BLOCK, &hangup, nullptr);
    const UniqueProcess process = uniqueProcess(QByteArray(argv[1]).toLongLong());
    const QByteArray bytes = LaunchRecord::of(process).toBytes();
    const LaunchRecord record = LaunchRecord::fromBytes(bytes);
    if (!record.isValid())
        return say("no record"), 1;
    say("recorded");
    std::getchar();

    QObject context;
    record.start(&context, [](const Result<UniqueProcess> &started) {
        say(started ? "started " + QByteArray::number(started->pid)
                    : "failed: " + started.error().message.toUtf8());
        QCoreApplication::quit();
    });
    return QCoreApplication::exec();
}
