// SPDX-License-Identifier: MIT
#pragma once

#include "transaction/commitroad.h"
#include "transaction/deferredstage.h"
#include "transaction/journal.h"
#include "transaction/spacereserve.h"
#include "transaction/transaction.h"
#include "transaction/treeswap.h"
#include "transaction/workplace.h"

#include <mutex>
#include <optional>

namespace Entracte {

class KeptFiles;

/// What a Transaction is made of: its beginning (transactionbeginning.cpp), what it takes from the
/// installed version (keeping.cpp), its staging (stager.cpp) and all that follows (transaction.cpp)
/// work on it.
struct Transaction::Private
{
    enum class State { Staging, Committed, Done };

    class Keeper;

    /// One thread's lines for the journal: they get there in large pieces, and when this goes.
    class Lines
    {
    public:
        explicit Lines(Private &transaction)
            : m_transaction(transaction)
        {
        }
        Lines(const Lines &) = delete;
        Lines &operator=(const Lines &) = delete;
        ~Lines();

        Result<> record(const QString &path, const InstalledFile &file);

    private:
        Private &m_transaction;
        QByteArray m_lines;
    };

    explicit Private(const InstallPlan &installPlan);

    Result<> checkTarget() const;
    Result<> checkRoom(const Directory &volume) const;
    Result<> layOut();
    Result<> makePlace();
    Result<> chooseRoad();
    Result<> takeFileRoad();
    Result<> stageFolders();
    Result<> makeLevel(QStringList &level) const;
    Result<> keepInstalled(KeptFiles kept, const MayGoOn &mayGoOn);
    Result<> keepInTree(KeptFiles &kept, const MayGoOn &mayGoOn);
    Result<> recordKept(KeptFiles &kept);
    Result<> stageLinksAndBackUps();
    Result<> writeReceipt();
    Result<> applyModes();
    Result<> sync();
    void abandon();
    Result<> takeUp(DeferredStage waiting);
    Result<> wait(const Journal::Deferral &toRemember);
    enum class Ending { RemoveOldVersion, KeepOldVersion, GiveUp };
    Result<> removeAll(Ending ending);

    const InstallPlan plan;
    QString target;
    Durability durability = Durability::Synced;
    Journal::Header header;
    std::optional<WorkPlace> place;
    std::optional<FileLock> lock;
    std::optional<Journal> journal;
    std::optional<SpaceReserve> reserve;
    std::optional<Directory> stage;
    std::optional<Directory> old; ///< what is kept comes from here
    std::unique_ptr<CommitRoad> road;
    TreeSwap *treeSwap = nullptr; ///< the road, if it is that one
    bool canExchange = false;
    State state = State::Staging;
    std::optional<Journal::Deferral> deferral; ///< of one that has waited

    QHash<QString, int> unusualFolderModes;

    std::mutex mutex; ///< guards what follows, and the journal: Stagers add to it
    QHash<QString, InstalledFile> offeredForEdited; ///< by the path of the edited file
    bool isTreeSwapImpossible = false;
};

} // namespace Entracte
