// SPDX-License-Identifier: MIT
#include "platform/linux/closing/signalrequest.h"

#include <QFile>
#include <QFileInfo>
#include <QSet>

#include <csignal>

#include <sys/syscall.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

bool sendSignal(const Descriptor &process, int signal)
{
    return syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) == 0;
}

bool isInteractiveShell(pid_t pid)
{
    static const QSet<QString> shells{u"ash"_s,  u"bash"_s, u"dash"_s, u"fish"_s, u"ksh"_s,
                                      u"mksh"_s, u"sh"_s,   u"tcsh"_s, u"zsh"_s};
    return shells.contains(QFileInfo(executableOf(pid)).fileName()) && hasTerminal(pid)
        && ignoresSignal(pid, SIGTERM) && catchesSignal(pid, SIGHUP);
}

QList<UniqueProcess> childrenOf(pid_t pid)
{
    QFile file(u"/proc/%1/task/%1/children"_s.arg(pid));
    QList<UniqueProcess> children;
    if (file.open(QIODevice::ReadOnly))
        for (const QByteArray &child : file.readAll().simplified().split(' '))
            if (const qint64 number = child.toLongLong(); number > 0)
                children.append(uniqueProcess(number));
    return children;
}

/// The letter in "State: D (disk sleep)".
static char stateOf(pid_t pid)
{
    const QByteArray state = statusField(pid, "State");
    return state.isEmpty() ? '\0' : state.front();
}

bool isStopped(pid_t pid)
{
    const char state = stateOf(pid);
    return state == 'T' || state == 't';
}

bool isUninterruptible(pid_t pid)
{
    return stateOf(pid) == 'D';
}

} // namespace Entracte
