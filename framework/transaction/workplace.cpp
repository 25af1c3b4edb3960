// SPDX-License-Identifier: MIT
#include "transaction/workplace.h"

#include <QDir>
#include <QFileInfo>
#include <QUuid>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr auto keptTag = ".entracte-old-"_L1;

QString holderOf(WorkPlace::Kind kind, const QString &target)
{
    return kind == WorkPlace::Kind::Beside ? QFileInfo(target).path() : target;
}

QString nameOf(WorkPlace::Kind kind, const QString &target, WorkPlace::Standing standing)
{
    const bool isWorking = standing == WorkPlace::Standing::Working;
    if (kind == WorkPlace::Kind::Inside)
        return isWorking ? ".entracte/work"_L1 : ".entracte/deferred"_L1;
    return u'.' + QFileInfo(target).fileName()
         + (isWorking ? ".entracte"_L1 : ".entracte-deferred"_L1);
}

} // namespace

WorkPlace::WorkPlace(Kind kind, const QString &target, Directory holder, const QString &name,
                     Directory directory)
    : m_kind(kind)
    , m_target(target)
    , m_holder(std::move(holder))
    , m_name(name)
    , m_directory(std::move(directory))
{
}

QString WorkPlace::pathOf(Kind kind, const QString &target, Standing standing)
{
    return QDir::cleanPath(holderOf(kind, target) + u'/' + nameOf(kind, target, standing));
}

QString WorkPlace::finisherOf(Kind kind, const QString &target)
{
    return kind == Kind::Inside ? target + "/.entracte/finish"_L1
                                : QFileInfo(target).path() + "/."_L1 + QFileInfo(target).fileName()
                                      + ".entracte-finish"_L1;
}

QString WorkPlace::path() const
{
    return m_directory.path();
}

Result<WorkPlace> WorkPlace::make(Kind kind, const QString &target)
{
    Result<Directory> holder = Directory::open(holderOf(kind, target));
    if (!holder)
        return holder.error();
    const QString name = nameOf(kind, target, Standing::Working);
    if (kind == Kind::Inside && !holder->status(u".entracte"_s)) {
        if (const Result<> made = holder->makeDirectory(u".entracte"_s, 0755); !made)
            return made.error();
    }
    if (const Result<> made = holder->makeDirectory(name, 0700); !made)
        return made.error();
    Result<Directory> directory = holder->below(name);
    if (!directory)
        return directory.error();
    return WorkPlace(kind, target, *std::move(holder), name, *std::move(directory));
}

Result<std::vector<WorkPlace>> WorkPlace::existing(const QString &target, Standing standing)
{
    std::vector<WorkPlace> places;
    for (const Kind kind : {Kind::Beside, Kind::Inside}) {
        const QString holderPath = holderOf(kind, target);
        if (!QFileInfo(holderPath).isDir())
            continue;
        Result<Directory> holder = Directory::open(holderPath);
        if (!holder)
            continue; // what may not be opened was not opened by an earlier run either
        const QString name = nameOf(kind, target, standing);
        const std::optional<FileStatus> status = holder->status(name);
        if (!status)
            continue;
        if (!status->isDirectory())
            return Error{ErrorCode::Failed,
                         tr("Could not work on “%1”: “%2” is in the way and is not a folder.",
                            "error message")
                             .arg(target, holder->path() + u'/' + name)};
        Result<Directory> directory = holder->below(name);
        if (!directory)
            return directory.error();
        places.push_back(WorkPlace(kind, target, *std::move(holder), name, *std::move(directory)));
    }
    return places;
}

QStringList WorkPlace::keptTrees(const QString &target)
{
    const QFileInfo info(target);
    const QStringList names = QDir(info.path())
                                  .entryList({u'.' + info.fileName() + keptTag + u'*'},
                                             QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot);
    QStringList trees;
    for (const QString &name : names)
        trees.append(info.path() + u'/' + name);
    return trees;
}

bool WorkPlace::isStillThere() const
{
    const std::optional<FileStatus> named = m_holder.status(m_name);
    const std::optional<FileStatus> held = m_directory.status(QString());
    return named && held && named->device == held->device && named->inode == held->inode;
}

Result<> WorkPlace::become(Standing standing)
{
    const QString name = nameOf(m_kind, m_target, standing);
    if (m_holder.status(name))
        return Error{
            ErrorCode::AlreadyRunning,
            tr("Could not work on “%1”: another installation is at work there.", "error message")
                .arg(m_target)};
    if (const Result<> moved = m_holder.moveNoReplace(m_name, m_holder, name); !moved)
        return moved;
    m_name = name;
    m_holder.syncNames(QString());
    return {};
}

Result<> WorkPlace::remove(Holds holds, Directory::Urgency urgency)
{
    if (holds == Holds::OldVersion && m_directory.status(stageName())
        && !m_directory.status(trashName())) {
        const Result<> moved = m_directory.moveNoReplace(stageName(), m_directory, trashName());
        if (!moved)
            return moved;
    }
    for (const QString &name : {reserveName(), trashName(), stageName(), spareName()}) {
        if (const Result<> removed = m_directory.removeTree(name, urgency); !removed)
            return removed;
    }
    const Result<> removed = m_holder.removeTree(m_name);
    if (m_kind == Kind::Inside)
        (void)m_holder.remove(u".entracte"_s); // goes only if nothing else is in it
    return removed;
}

Result<> WorkPlace::removeButKeepTree()
{
    if (m_kind == Kind::Inside || !m_directory.status(stageName()))
        return remove(Holds::OldVersion);
    const QString kept = u'.' + QFileInfo(m_target).fileName() + keptTag
                       + QUuid::createUuid().toString(QUuid::Id128).left(8);
    if (const Result<> moved = m_directory.moveNoReplace(stageName(), m_holder, kept); !moved)
        return moved;
    return remove(Holds::OldVersion);
}

} // namespace Entracte
