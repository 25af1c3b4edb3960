// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/filetable.h"
#include "platform/linux/detection/mapreader.h"

namespace Entracte {

/// How the registered files look in /proc/PID/maps. Mostly as a descriptor shows them; but btrfs
/// shows another device there, the same one for all its subvolumes, and so two files may look the
/// same (linux-mechanisms 1.4).
///
/// Found out by mapping one registered file of each device ourselves and reading our own maps.
class Calibration
{
public:
    Calibration(const FileTable &files, const ScanFeatures &features);

    /// Calls \a use(number, isCertain) with each registered file that \a mapped may be.
    template <typename Use>
    void each(const FileIdentity &mapped, Use use) const
    {
        if (!isDifferent(mapped.device))
            m_files.index().each(mapped, [&](int number) { use(number, true); });
        m_candidates.each(mapped, [&](int number) { use(number, false); });
    }

    bool mayBeRegistered(const FileIdentity &mapped) const
    {
        return (!isDifferent(mapped.device) && m_files.index().contains(mapped))
            || m_candidates.contains(mapped);
    }

private:
    bool isDifferent(quint64 device) const;
    /// At the device of the registered file \a first, the first one of it.
    void look(int first, MapReader &reader);
    std::optional<FileIdentity> mappedIdentity(const FileTable::Entry &entry, MapReader &reader);

    const FileTable &m_files;
    ScanFeatures m_features;
    std::vector<quint64> m_different; ///< devices whose mappings show something else
    IdentityIndex m_candidates;       ///< by what their mappings show
};

} // namespace Entracte
