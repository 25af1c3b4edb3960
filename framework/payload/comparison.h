// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "core/workerjob.h"
#include "plan/installedproduct.h"
#include "plan/payloadentry.h"
#include "transaction/directory.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace Entracte {

class EntryReader;
class PayloadArchive;

/// Compares what is recorded and what is offered with what stands in a target: the three steps, in
/// this order, fill in an InstalledProduct. The first needs no archive, so that it can be made
/// while those are still being read.
///
/// Several threads look, each at a batch of places; what they found is taken down when they are
/// done. All functions block.
class Comparison
{
public:
    Comparison(const QString &targetDirectory, InstalledProduct &installed,
               WorkerJob::Context &context);

    /// Reads the receipt and looks at every place it names.
    Result<> lookAtRecorded();

    /// Whether there is anything to compare with; after lookAtRecorded().
    bool hasTarget() const { return m_target.has_value(); }

    /// Looks at the other places of \a archives, and finds what is already as they would make it.
    /// Reports progress in bytes compared.
    Result<> compareOffered(const QList<std::shared_ptr<const PayloadArchive>> &archives);

    /// Finds what was edited of what is neither unchanged nor gone, and takes everything down.
    Result<> conclude();

private:
    /// What stands at a place, and no more of it than is asked for later: there is one for every
    /// path.
    struct Found
    {
        FileStamp stamp;
        int mode = 0;
        FileKind kind = FileKind::Other;
        bool isThere = false;
        bool isImmutable = false;
        bool isUnchanged = false;
    };
    struct Offer
    {
        const PayloadArchive *archive;
        const PayloadEntry *entry;
        size_t place;
        bool isUnchanged = false;
    };
    struct Worker;
    using Look = std::function<Result<>(size_t item, Worker &worker)>;

    Result<> forEach(size_t count, const Look &look) const;
    void find(size_t place, Directory &target);
    void addOffers(const PayloadArchive &archive);
    Result<bool> isUnchanged(const Offer &offer, Worker &worker);
    Result<bool> hasOfferedBytes(const Offer &offer, Worker &worker);
    Result<bool> isEdited(size_t place, Worker &worker) const;
    QSet<QString> knownFolders() const;
    void takeDown();
    void noteEdited(const QString &path);
    bool isRecorded(size_t place) const { return place < size_t(files().size()); }
    const InstalledFiles &files() const { return m_installed.receipt.files; }
    const QString &pathOf(size_t place) const;
    QString absolute(const QString &path) const { return m_target->path() + u'/' + path; }

    QString m_targetDirectory;
    InstalledProduct &m_installed;
    WorkerJob::Context &m_context;
    std::optional<Directory> m_target;
    std::vector<Found> m_found; ///< places: those of the receipt, in its order, and others
    std::vector<const QString *> m_others; ///< paths of the others
    std::vector<Offer> m_offers;
    std::mutex m_mutex; ///< guards the digests of what was found
};

} // namespace Entracte
