// SPDX-License-Identifier: MIT
// An application that links Entracte::Client, without windows:
//
//   linkedholder LOG [--open FILE] [--answer yes|no|silence] [--name NAME] [--stubborn] [--flags N]
//                [--restart-with ARGUMENT…  (the last option)] [--withdraw]
//
// Appends to LOG what happens to it: "started PID ARGUMENTS…", "asked", "close", "off",
// "terminated". Prints "ready".
//   --answer    links it: it is asked, says so, closes when told
//   --stubborn  does not end when told to close
//   --withdraw  takes its registration back as soon as it is asked
// SIGTERM ends it, politely, unless --ignore-term.
#include "client/restartregistration.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QTimer>

#include <csignal>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

using namespace Entracte::Client;
using namespace Qt::StringLiterals;

static int logFile = -1;

static void note(const QByteArray &line)
{
    const QByteArray whole = line + '\n';
    [[maybe_unused]] const ssize_t written =
        write(logFile, whole.constData(), size_t(whole.size()));
}

static void terminated(int)
{
    [[maybe_unused]] const ssize_t written = write(logFile, "terminated\n", 11);
    _exit(0);
}

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    logFile = open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    note("started " + QByteArray::number(getpid()) + ' ' + arguments.mid(2).join(u' ').toLocal8Bit()
         + " cwd " + QDir::currentPath().toLocal8Bit());

    signal(SIGTERM, arguments.contains(u"--ignore-term"_s) ? SIG_IGN : terminated);
    RestartRegistration registration;
    bool publishes = false;
    const bool withdraws = arguments.contains(u"--withdraw"_s);
    for (qsizetype i = 2; i < arguments.size(); ++i) {
        const QString option = arguments[i];
        const QString value = arguments.value(i + 1);
        if (option == u"--open"_s && open(QFile::encodeName(value).constData(), O_RDONLY) < 0)
            return 2;
        if (option == u"--name"_s)
            registration.setName(value);
        if (option == u"--flags"_s)
            registration.setFlags(RestartFlags(value.toInt()));
        if (option == u"--answer"_s) {
            publishes = true;
            registration.setCloseQuestion([&registration, value, withdraws] {
                note("asked");
                if (withdraws)
                    registration.withdraw();
                if (value == u"silence"_s)
                    raise(SIGSTOP); // hangs like a program that does not answer
                return value == u"no"_s ? CloseAnswer::no(u"“notes.txt” is not saved."_s)
                                        : CloseAnswer::yes();
            });
        }
        if (option == u"--restart-with"_s) {
            publishes = true;
            registration.setArguments(arguments.mid(i + 1));
            break;
        }
    }
    const bool isStubborn = arguments.contains(u"--stubborn"_s);
    QObject::connect(&registration, &RestartRegistration::closeRequested, &app, [&app, isStubborn] {
        note("close");
        if (isStubborn)
            return;
        // As a program that still has to save: it ends by itself, a moment later.
        QTimer::singleShot(50, &app, &QCoreApplication::quit);
    });
    QObject::connect(&registration, &RestartRegistration::closeCalledOff, &app,
                     [] { note("off"); });
    if (publishes && !registration.publish())
        return 3;
    std::puts("ready");
    std::fflush(stdout);
    return QCoreApplication::exec();
}
