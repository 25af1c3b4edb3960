// SPDX-License-Identifier: MIT
#pragma once

#include <QFlags>
#include <QList>
#include <QMetaType>
#include <QObject>
#include <QString>
#include <QStringList>

namespace Entracte {
Q_NAMESPACE

/// A process that cannot be mistaken for another one that got its pid later (spec 2.7).
struct UniqueProcess
{
    qint64 pid = 0;
    quint64 startTime = 0; ///< raw clock ticks since boot, field 22 of /proc/PID/stat

    friend bool operator==(const UniqueProcess &, const UniqueProcess &) = default;
    friend auto operator<=>(const UniqueProcess &, const UniqueProcess &) = default;
};
size_t qHash(const UniqueProcess &process, size_t seed = 0);

/// The process that has number \a pid now; start time 0 when there is none.
UniqueProcess uniqueProcess(qint64 pid);
/// False once it has ended, collected by its parent or not.
bool isAlive(const UniqueProcess &process);

/// What kind of thing it is, hence how it is asked to stop (spec 2.2, the Windows values).
enum class ApplicationType {
    Unknown = 0,
    MainWindow = 1,
    OtherWindow = 2,
    Service = 3,
    Shell = 4,
    Console = 5,
    Critical = 1000, ///< must not or cannot be closed by us; see AffectedApplication::reason
};
Q_ENUM_NS(ApplicationType)

/// A history, not a state: bits accumulate (spec 2.3, the Windows values).
enum class ApplicationStatus {
    Unknown = 0x00,
    Running = 0x01,
    Stopped = 0x02,
    StoppedOther = 0x04,
    Restarted = 0x08,
    ErrorOnStop = 0x10,
    ErrorOnRestart = 0x20,
    ShutdownMasked = 0x40,
    RestartMasked = 0x80,
};
Q_DECLARE_FLAGS(ApplicationStatuses, ApplicationStatus)
Q_DECLARE_OPERATORS_FOR_FLAGS(ApplicationStatuses)
Q_FLAG_NS(ApplicationStatuses)

/// Why closing applications is not enough (spec 2.4, the Windows values).
enum class RebootReason {
    None = 0x00,
    PermissionDenied = 0x01,
    SessionMismatch = 0x02,
    CriticalProcess = 0x04,
    CriticalService = 0x08,
    DetectedSelf = 0x10,
};
Q_DECLARE_FLAGS(RebootReasons, RebootReason)
Q_DECLARE_OPERATORS_FOR_FLAGS(RebootReasons)
Q_FLAG_NS(RebootReasons)

/// How a shutdown is to be done (spec 2.5, the Windows values).
enum class ShutdownType {
    Graceful = 0x00,
    Force = 0x01,
    OnlyRestartable = 0x10,
};
Q_DECLARE_FLAGS(ShutdownTypes, ShutdownType)
Q_DECLARE_OPERATORS_FOR_FLAGS(ShutdownTypes)
Q_FLAG_NS(ShutdownTypes)

/// How well an application can be brought back (design section 6).
enum class Restartability {
    Registered, ///< the program itself said how (Entracte::Client)
    Captured,   ///< argv, environment, working directory and user recorded before the close
    Cannot,     ///< for instance a program that lives in a terminal
};
Q_ENUM_NS(Restartability)

/// Where one application stands after it was asked to close, for people to read.
enum class ClosingState {
    NotAsked,
    Queried,        ///< asked "may you close?"; nothing was closed yet
    Asked,          ///< the request is on its way
    WaitingForUser, ///< it shows a question, most likely "save your work?"
    NotResponding,  ///< no sign of life within the limit
    Refused,        ///< it answered no, or the limit passed without it closing
    Ending,         ///< it did not follow and is being ended, with consent
    Closed,
};
Q_ENUM_NS(ClosingState)

/// What at least must be started anew before nobody runs the old files any more (spec 9.7).
enum class RestartLevel {
    None,
    Application,
    Session,    ///< logging out and in again
    SoftReboot, ///< everything but the kernel
    Reboot,
};
Q_ENUM_NS(RestartLevel)

/// The ways a file can be held; a file may be held in several.
enum class HoldKind {
    Executable = 0x1,
    Mapped = 0x2, ///< a library, or data read through a mapping
    Open = 0x4,
    WorkingDirectory = 0x8,
    Script = 0x10, ///< named on an interpreter's command line; read long ago, held by nothing now
    Root = 0x20,   ///< a registered directory is its root directory
};
Q_DECLARE_FLAGS(HoldKinds, HoldKind)
Q_DECLARE_OPERATORS_FOR_FLAGS(HoldKinds)
Q_FLAG_NS(HoldKinds)

struct HeldFile
{
    QString path; ///< as it was registered
    HoldKinds kinds;
    bool isWritten = false; ///< open for writing
    bool isStale = false;   ///< another file lies at the path now; this one is held still (spec 34)
    bool isCertain = true;  ///< false where only the command line says so (spec 38)
    QList<UniqueProcess> processes = {}; ///< who of the application holds it

    friend bool operator==(const HeldFile &, const HeldFile &) = default;
};

/// One application that holds a registered resource: one row for a person, however many processes.
/// Text in here may come from a hostile process; show it as plain text only.
struct AffectedApplication
{
    UniqueProcess process;          ///< the representative: with the window, else the eldest
    QList<UniqueProcess> processes; ///< all of them, the representative first
    QString name;                   ///< "Aurora", never empty
    QString iconName;               ///< theme name or absolute path; may be empty
    QString executable;             ///< absolute path of the program; empty if it cannot be read
    QString serviceName;            ///< short name, "foo" for foo.service; empty unless a service
    QString unit;                   ///< full name of its systemd unit, a scope too; may be empty
    bool isUserUnit = false; ///< the unit belongs to its owner's manager, not to the system's
    QString document;        ///< path of what it shows, if its arguments tell; may be empty
    int logonSession = -1;   ///< number of the logon session; -1 if it has none or no number
    ApplicationType type = ApplicationType::Unknown;
    ApplicationStatuses status = ApplicationStatus::Running;
    ClosingState closing = ClosingState::NotAsked;
    Restartability restartability = Restartability::Captured;
    QString
        reason; ///< one sentence: why it cannot be closed, why it refused, what failed; or empty
    QStringList windowTitles;
    QList<HeldFile> files;
    qint64 ownerUid = -1;
    QString owner;          ///< login name
    bool isForeign = false; ///< belongs to another user than the installer's
    /// What at least starts anew when its files are to be the new ones everywhere.
    RestartLevel requiredLevel = RestartLevel::Application;
    bool canBeForced = true; ///< false for Critical, and for others' programs without the right

    bool isCritical() const { return type == ApplicationType::Critical; }
    bool isRunning() const { return status.testFlag(ApplicationStatus::Running); }

    friend bool operator==(const AffectedApplication &, const AffectedApplication &) = default;
};

/// Their names for a sentence: "Editor, Terminal, and Player", as the locale has it.
QString namesOf(const QList<AffectedApplication> &applications);

/// What one step of closing an application would meet (entracte ask).
struct ClosingStep
{
    enum class Verdict {
        Good, ///< as the guide for applications recommends
        Weak, ///< works, with a loss that the sentence names
        Bad,  ///< does not work
    };
    Verdict verdict = Verdict::Good;
    QString sentence;
};

/// The answer of a listing.
struct AffectedApplications
{
    QList<AffectedApplication> applications;
    RebootReasons rebootReasons;
    int processesNotInspected = 0; ///< processes of other users we were not allowed to look into
    /// In use by the kernel, or by a process that we may not inspect: found by no look at
    /// processes.
    QStringList unattributedFiles;
    /// System libraries that nearly everything uses: nobody is offered for closing because of them
    /// (spec 54); starting the session or the system anew is advised instead.
    QStringList ubiquitousFiles;
    RestartLevel advisedLevel = RestartLevel::None;
};

} // namespace Entracte

Q_DECLARE_METATYPE(Entracte::UniqueProcess)
