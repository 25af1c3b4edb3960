// SPDX-License-Identifier: MIT
// Ten programs, an update, and an installer that dies at a random instant, again and again.
//
//   soak [--rounds N] [--seed S]
//
// After every round, and nobody having done anything: the tree is the old version or the new one,
// whole; each program runs once; no process, descriptor, unit, work directory or session is left.
// The first thing that is not so ends it with status 1 and everything that is needed to repeat it.
#include "restart/sessionrecord.h"
#include "support/applicationfleet.h"
#include "support/victiminstaller.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QRandomGenerator>
#include <QTest>
#include <QTextStream>

#include <cmath>

using namespace Entracte;
using namespace Qt::StringLiterals;

namespace {

constexpr int programs = 10;
constexpr int limit = 60'000; // milliseconds; for what takes some seconds

struct Counts
{
    int killed = 0;
    int endedWell = 0;
    int oldVersion = 0;
    int newVersion = 0;
    int broughtBack = 0;
    int closedLate = 0;
};

class Soak
{
public:
    explicit Soak(quint32 seed)
        : m_random(seed)
        , m_fleet(m_product.folder())
    {
        QDir().mkpath(QFileInfo(m_product.target()).path());
    }

    /// Installs, starts the programs, and measures how long an update takes that nobody kills.
    bool prepare()
    {
        if (update(u"0"_s).status != 0)
            return complain(u"The product cannot be installed."_s);
        for (int number = 1; number <= programs; ++number)
            m_fleet.start(number, heldFile());
        const Ended ended = update(u"0"_s);
        m_duration = ended.microseconds;
        if (ended.status != 0 || m_duration <= 0)
            return complain(u"The product cannot be updated."_s);
        const bool well = QTest::qWaitFor([this] { return isWell(true); }, limit) && isWell();
        m_counts = {};
        return well || complain(m_problem);
    }

    bool round()
    {
        const qint64 instant = randomInstant();
        m_instant = instant;
        const QList<pid_t> before = runningPrograms();
        const Ended ended = update(QString::number(instant));
        if (ended.status > 0)
            return complain(u"The installer failed with %1."_s.arg(ended.status));
        ++(ended.status == 0 ? m_counts.endedWell : m_counts.killed);
        if (!QTest::qWaitFor([this] { return isWell(true) || letGo(); }, limit) || !isWell())
            return complain(m_problem);
        for (const pid_t pid : runningPrograms())
            m_counts.broughtBack += !before.contains(pid);
        return true;
    }

    const Counts &counts() const { return m_counts; }
    qint64 duration() const { return m_duration; }

private:
    struct Ended
    {
        int status = -1; ///< -1: killed
        qint64 microseconds = 0;
    };

    QString heldFile() const { return m_product.target() + u"/app"_s; }

    static SampleProduct::Tree tree(int version)
    {
        SampleProduct::Tree files;
        for (const char *const name : {"app", "data/one", "data/two", "data/deep/three"})
            files.insert(QString::fromLatin1(name),
                         QByteArray(name) + ' ' + QByteArray::number(version));
        files.insert(u"only-in-%1"_s.arg(version), "new");
        files.insert(u"same"_s, "same");
        return files;
    }

    /// \a alarm: after how many microseconds of it the installer dies; 0 never.
    Ended update(const QString &alarm)
    {
        m_offered = m_installed + 1;
        const QString version = u"1.%1"_s.arg(m_offered);
        const QString archive = m_product.offer(version, tree(m_offered)).components[0].payload;
        QProcess installer;
        installer.setProcessEnvironment(m_fleet.environment());
        installer.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        installer.start(QCoreApplication::applicationFilePath(),
                        {u"--install"_s, archive, m_product.target(), version,
                         u"alarm="_s + (alarm == u"0"_s ? QString() : alarm)});
        if (!installer.waitForFinished(limit))
            qFatal("the installer does not end");
        if (installer.exitStatus() == QProcess::CrashExit)
            return {};
        m_installed = m_offered;
        return {installer.exitCode(), installer.readAllStandardOutput().trimmed().toLongLong()};
    }

    /// Half of them anywhere; half early, where much happens in little time.
    qint64 randomInstant()
    {
        const double share = m_random.generateDouble();
        if (m_random.bounded(2) == 0)
            return std::max<qint64>(1, qint64(share * double(m_duration)));
        return std::max<qint64>(1, qint64(std::exp(share * std::log(double(m_duration)))));
    }

    QList<pid_t> runningPrograms() const
    {
        QList<pid_t> all = m_fleet.everybody();
        const QList<pid_t> others = m_fleet.strangers();
        all.removeIf([&others](pid_t pid) { return others.contains(pid); });
        return all;
    }

    /// A guardian waits for those that the installer may have asked and that still run: a person
    /// closes them. False, so that the waiting goes on.
    bool letGo()
    {
        for (const QString &session : m_fleet.sessions()) {
            for (const QString &place : {u"sessions"_s, u"abandoned"_s}) {
                QFile file(m_fleet.runtimeDirectory()
                           + u"/entracte/%1/%2/record"_s.arg(place, session));
                if (!file.open(QIODevice::ReadOnly))
                    continue;
                const auto record = SessionRecord::fromCbor(file.readAll());
                for (const ClosedApplication &each :
                     record ? record->closed : QList<ClosedApplication>())
                    if (each.wasAsked && !m_letGo.contains(each.application.process)
                        && isAlive(each.application.process)) {
                        m_letGo.insert(each.application.process);
                        m_counts.closedLate += 1;
                        ::kill(pid_t(each.application.process.pid), SIGTERM);
                    }
            }
        }
        return false;
    }

    bool isWell(bool quick = false)
    {
        if (!m_fleet.strangers().isEmpty())
            return complainLater(u"A process is left beside the programs."_s);
        if (!m_fleet.sessions().isEmpty())
            return complainLater(u"A session is left in the store."_s);
        if (!m_product.besideTarget().isEmpty())
            return complainLater(u"A work directory is left: "_s
                                 + m_product.besideTarget().join(u' '));
        for (int number = 1; number <= programs; ++number) {
            const QList<pid_t> running = m_fleet.running(number);
            if (running.size() != 1)
                return complainLater(
                    u"Program %1 runs %2 times."_s.arg(number).arg(running.size()));
            if (ApplicationFleet::descriptors(running.first()) != 4) // standard ones and the file
                return complainLater(u"Program %1 was given descriptors."_s.arg(number));
            if (m_fleet.wasRestarted(running.first())
                && !ApplicationFleet::holds(running.first(), heldFile()) && !quick)
                return complainLater(u"Program %1 has another version's file."_s.arg(number));
        }
        if (quick)
            return true;
        const SampleProduct::Tree found = m_product.installed();
        if (found == tree(m_offered)) {
            ++m_counts.newVersion;
            m_installed = m_offered;
        } else if (found == tree(m_installed)) {
            ++m_counts.oldVersion;
        } else {
            return complainLater(u"The tree is neither the old version nor the new one: "_s
                                 + QStringList(found.keys()).join(u' '));
        }
        return true;
    }

    bool complainLater(const QString &problem)
    {
        m_problem = problem;
        return false;
    }

    bool complain(const QString &problem)
    {
        QTextStream(stdout) << "killed after " << m_instant << " µs: " << problem << Qt::endl;
        return false;
    }

    QRandomGenerator m_random;
    SampleProduct m_product;
    ApplicationFleet m_fleet;
    int m_installed = 0;
    int m_offered = 0;
    qint64 m_duration = 0;
    qint64 m_instant = 0;
    QSet<UniqueProcess> m_letGo;
    QString m_problem;
    Counts m_counts;
};

/// Scopes of guardians that nobody is in any more.
int leftUnits()
{
    int units = 0;
    QDirIterator groups(u"/sys/fs/cgroup"_s, {u"entracte-guardian-*.scope"_s}, QDir::Dirs,
                        QDirIterator::Subdirectories);
    while (groups.hasNext()) {
        groups.next();
        ++units;
    }
    return units;
}

} // namespace

int main(int argc, char *argv[])
{
    const Guardian::Starter startGuardian = Guardian::takeUp(argc, argv);
    QCoreApplication app(argc, argv);
    if (QCoreApplication::arguments().value(1) == "--install"_L1)
        return runVictimInstaller(QCoreApplication::arguments().mid(2), startGuardian);

    QCommandLineParser parser;
    parser.addOptions({{u"rounds"_s, u"How many."_s, u"N"_s, u"500"_s},
                       {u"seed"_s, u"Of the random instants."_s, u"S"_s}});
    parser.process(app);
    const int rounds = parser.value(u"rounds"_s).toInt();
    const quint32 seed = parser.isSet(u"seed"_s) ? parser.value(u"seed"_s).toUInt()
                                                 : QRandomGenerator::system()->generate();
    QTextStream out(stdout);
    out << "seed " << seed << ", " << rounds << " rounds of " << programs << " programs"
        << Qt::endl;

    const int unitsBefore = leftUnits();
    Soak soak(seed);
    if (!soak.prepare())
        return 1;
    out << "an update nobody kills takes " << soak.duration() << " µs" << Qt::endl;
    for (int round = 1; round <= rounds; ++round) {
        if (!soak.round()) {
            out << "FAILED in round " << round << ", seed " << seed << Qt::endl;
            return 1;
        }
    }
    if (leftUnits() > unitsBefore) {
        out << "FAILED: units are left" << Qt::endl;
        return 1;
    }
    const Counts &counts = soak.counts();
    out << rounds << " rounds: " << counts.killed << " installers killed, " << counts.endedWell
        << " ended before; " << counts.oldVersion << " times the old version, " << counts.newVersion
        << " the new one, 0 anything between; " << counts.broughtBack << " programs brought back ("
        << counts.closedLate
        << " of them had not closed when the installer died), 0 left closed, 0 twice; 0 processes, "
           "descriptors, units, work directories or sessions left"
        << Qt::endl;
    return 0;
}
