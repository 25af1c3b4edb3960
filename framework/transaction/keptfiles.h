// SPDX-License-Identifier: MIT
#pragma once

#include <QHash>
#include <QStringView>

#include <span>
#include <vector>

namespace Entracte {

struct InstallPlan;
struct PayloadEntry;

/// What of the installed version stays as it is, by the folder it lies in, so that whoever opens
/// one for another reason can keep what is in it in the same breath.
class KeptFiles
{
public:
    /// Of one folder, sorted.
    using InFolder = std::span<const PayloadEntry *const>;

    /// \a plan must outlive it.
    explicit KeptFiles(const InstallPlan &plan);
    KeptFiles(KeptFiles &&) noexcept = default; // a copy would look into the original
    KeptFiles &operator=(KeptFiles &&) noexcept = default;

    /// Takes those that lie in \a folder ("": in none). Several threads may, of different folders.
    InFolder takeFrom(QStringView folder);

    /// Takes what nobody took: their folders are gone.
    std::vector<InFolder> takeOthers();

private:
    struct Folder
    {
        InFolder files;
        bool isTaken = false;
    };

    std::vector<const PayloadEntry *> m_files; ///< folder after folder
    QHash<QStringView, size_t> m_places;       ///< among the folders, by path
    std::vector<Folder> m_folders;
};

} // namespace Entracte
