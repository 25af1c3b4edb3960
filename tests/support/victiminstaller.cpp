// SPDX-License-Identifier: MIT
#include "support/victiminstaller.h"

#include "engine/installengine.h"
#include "restart/affectedapplicationmodel.h"
#include "support/scripteduidelegate.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QMetaEnum>

#include <csignal>
#include <cstdio>

#include <sys/time.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using State = InstallEngine::State;

namespace {

/// A moment on the road of an installation.
struct Instant
{
    State state = State::Ready;
    int changes = 0;

    friend bool operator==(const Instant &, const Instant &) = default;
};

std::optional<Instant> instantFrom(const QStringList &words, const QString &what)
{
    for (const QString &word : words) {
        if (!word.startsWith(what + u'='))
            continue;
        const QString name = word.section(u'=', 1).section(u':', 0, 0);
        bool isState = false;
        const int state =
            QMetaEnum::fromType<State>().keyToValue(name.toLatin1().constData(), &isState);
        if (!isState)
            qFatal("no state %s", qPrintable(name));
        return Instant{State(state), word.section(u':', 1).toInt()};
    }
    return std::nullopt;
}

void setAlarm(qint64 microseconds)
{
    signal(SIGALRM, SIG_DFL); // ends the process where it stands
    const itimerval once{{},
                         {time_t(microseconds / 1'000'000), suseconds_t(microseconds % 1'000'000)}};
    setitimer(ITIMER_REAL, &once, nullptr);
}

} // namespace

Manifest victimManifest(const QString &archive, const QString &target, const QString &version)
{
    Manifest manifest;
    manifest.product = {u"org.example.sample"_s, u"Sample"_s, QVersionNumber::fromString(version),
                        u"Example Org"_s};
    manifest.targetDirectory = target;
    Component component;
    component.required = true;
    component.payload = archive;
    manifest.components = {component};
    return manifest;
}

int runVictimInstaller(const QStringList &arguments, const Guardian::Starter &startGuardian)
{
    const std::optional<Instant> death = instantFrom(arguments, u"kill"_s);
    const std::optional<Instant> pause = instantFrom(arguments, u"stop"_s);
    const std::optional<Instant> cancelling = instantFrom(arguments, u"cancel"_s);
    const QString alarm = arguments.filter(u"alarm="_s).value(0).section(u'=', 1);
    ScriptedUiDelegate ui;
    InstallEngine engine(victimManifest(arguments[0], arguments[1], arguments[2]), ui,
                         InstallEngine::Ports::real(startGuardian));
    Instant now;
    QElapsedTimer sinceClosing;
    const auto atInstant = [&] {
        if (now == death)
            ::kill(getpid(), SIGKILL);
        if (now == pause)
            ::kill(getpid(), SIGSTOP);
        if (now == cancelling)
            engine.cancel();
    };
    QObject::connect(&engine, &InstallEngine::stateChanged, &engine, [&](State state) {
        now = {state, 0};
        if (state == State::ShuttingDown && !sinceClosing.isValid()) {
            sinceClosing.start();
            if (!alarm.isEmpty())
                setAlarm(alarm.toLongLong());
        }
        atInstant();
    });
    QObject::connect(&engine.affectedApplications(), &QAbstractItemModel::dataChanged, &engine,
                     [&] {
                         ++now.changes;
                         atInstant();
                     });
    QObject::connect(&engine, &InstallEngine::noted, &engine,
                     [](const QString &note) { qInfo().noquote() << note; });
    QEventLoop loop;
    QObject::connect(&engine, &InstallEngine::finished, &loop, &QEventLoop::quit,
                     Qt::QueuedConnection);
    InstallOptions options;
    options.silent = true;
    const QString policy = arguments.filter(u"in-use="_s).value(0).section(u'=', 1);
    options.inUsePolicy = inUsePolicyFrom(policy).value_or(InUsePolicy::Close);
    options.relaunch = !arguments.contains(u"no-relaunch"_s);
    engine.start(options);
    loop.exec();
    std::printf("%lld\n", static_cast<long long>(
                              sinceClosing.isValid() ? sinceClosing.nsecsElapsed() / 1000 : 0));
    if (!engine.outcome().message.isEmpty())
        qInfo().noquote() << engine.outcome().message;
    return int(engine.outcome().exitCode);
}
