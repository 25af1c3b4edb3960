// SPDX-License-Identifier: MIT
#pragma once

#include "transaction/filesystem.h"

#include <QFileDevice>
#include <QMap>

#include <functional>
#include <memory>

/// The real file system, except that a chosen call fails, or that something happens just before it.
class FaultyFileSystem final : public Entracte::FileSystem
{
public:
    enum class Call {
        Exchange,
        MoveNoReplace,
        LinkOrCopy,
        MakeDirectory,
        MakeDirectoryLike,
        MakeSymbolicLink,
        CreateFile,
        RemoveTree,
        SyncVolume,
        AvailableBytes,
        Lock,
    };

    /// The \a number th \a call (from 1) fails with \a code; so do all later ones if \a forGood.
    void fail(Call call, int number, Entracte::ErrorCode code = Entracte::ErrorCode::Failed,
              bool forGood = false)
    {
        m_faults[call] = {number, code, forGood};
    }

    /// Runs \a action just before the \a number th \a call.
    void before(Call call, int number, std::function<void()> action)
    {
        m_actions[call] = {number, std::move(action)};
    }

    int count(Call call) const { return m_counts.value(call); }

    Entracte::Result<> exchange(const QString &first, const QString &second) override
    {
        if (fails(Call::Exchange))
            return error(Call::Exchange);
        return m_real->exchange(first, second);
    }
    Entracte::Result<> moveNoReplace(const QString &from, const QString &to) override
    {
        if (fails(Call::MoveNoReplace))
            return error(Call::MoveNoReplace);
        return m_real->moveNoReplace(from, to);
    }
    Entracte::Result<> linkOrCopy(const QString &from, const QString &to) override
    {
        if (fails(Call::LinkOrCopy))
            return error(Call::LinkOrCopy);
        return m_real->linkOrCopy(from, to);
    }
    Entracte::Result<> makeDirectory(const QString &path, int mode) override
    {
        if (fails(Call::MakeDirectory))
            return error(Call::MakeDirectory);
        return m_real->makeDirectory(path, mode);
    }
    Entracte::Result<> makeDirectoryLike(const QString &path, const QString &model) override
    {
        if (fails(Call::MakeDirectoryLike))
            return error(Call::MakeDirectoryLike);
        return m_real->makeDirectoryLike(path, model);
    }
    Entracte::Result<> makeSymbolicLink(const QString &path, const QString &target) override
    {
        if (fails(Call::MakeSymbolicLink))
            return error(Call::MakeSymbolicLink);
        return m_real->makeSymbolicLink(path, target);
    }
    Entracte::Result<std::unique_ptr<QFileDevice>> createFile(const QString &path,
                                                              int mode) override
    {
        if (fails(Call::CreateFile))
            return error(Call::CreateFile);
        return m_real->createFile(path, mode);
    }
    Entracte::Result<> removeTree(const QString &path) override
    {
        if (fails(Call::RemoveTree))
            return error(Call::RemoveTree);
        return m_real->removeTree(path);
    }
    Entracte::Result<> syncVolume(const QString &path) override
    {
        if (fails(Call::SyncVolume))
            return error(Call::SyncVolume);
        return m_real->syncVolume(path);
    }
    Entracte::Result<qint64> availableBytes(const QString &path) override
    {
        if (fails(Call::AvailableBytes))
            return error(Call::AvailableBytes);
        return m_real->availableBytes(path);
    }
    bool isSameFile(const QString &first, const QString &second) override
    {
        return m_real->isSameFile(first, second);
    }
    Entracte::Result<std::unique_ptr<Entracte::FileLock>> lock(const QString &path) override
    {
        if (fails(Call::Lock))
            return error(Call::Lock);
        return m_real->lock(path);
    }

private:
    struct Fault
    {
        int number = 0;
        Entracte::ErrorCode code = Entracte::ErrorCode::Failed;
        bool forGood = false;
    };
    struct Action
    {
        int number = 0;
        std::function<void()> run;
    };

    bool fails(Call call)
    {
        const int number = ++m_counts[call];
        if (const Action action = m_actions.value(call); action.number == number)
            action.run();
        const Fault fault = m_faults.value(call);
        return fault.number > 0
            && (number == fault.number || (fault.forGood && number > fault.number));
    }
    Entracte::Error error(Call call) const
    {
        return {m_faults.value(call).code, QStringLiteral("It was arranged to fail.")};
    }

    std::unique_ptr<Entracte::FileSystem> m_real = Entracte::createFileSystem();
    QMap<Call, Fault> m_faults;
    QMap<Call, Action> m_actions;
    QMap<Call, int> m_counts;
};
