// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/fileidentity.h"
#include "platform/linux/detection/scanfeatures.h"

#include <QByteArray>

#include <array>
#include <unordered_map>

namespace Entracte {

/// A stretch of a process's memory that shows a file.
struct Mapping
{
    FileIdentity file; ///< as maps has it: on some volumes another device than a descriptor shows
    quint64 start = 0;
    quint64 end = 0;
    quint64 offset = 0;     ///< in the file
    bool isWritten = false; ///< what is written there reaches the file
    QByteArrayView name;    ///< until the next one
};

/// Reads the mappings of one process after the other, anonymous ones left out.
///
/// Asks the kernel mapping by mapping where it can be asked (PROCMAP_QUERY, Linux 6.11), else reads
/// the text of maps. When asking, a library that was seen before is left by one jump to its last
/// part: from the beginning of the file, to where its last part must begin, and only if exactly
/// that lies there. A mapping of another file that somebody put into the middle of a library is
/// not seen then; no linker does that. Without mapJump it is.
///
/// For one thread.
class MapReader
{
public:
    explicit MapReader(const ScanFeatures &features);

    enum class Wanted {
        FilesOnly, ///< nothing else of a mapping; of neighbours that show one file perhaps one only
        Everything, ///< of every mapping; by the text
    };

    /// Begins with the process whose open /proc folder is \a process.
    void open(int process, Wanted wanted);
    ~MapReader();
    MapReader(const MapReader &) = delete;
    MapReader &operator=(const MapReader &) = delete;

    /// nullptr at the end.
    const Mapping *next() { return m_isText ? nextInText() : nextByQuery(); }

private:
    /// How a library lies in memory: parts of the same file without a gap.
    struct Layout
    {
        quint64 firstLength = 0;
        quint64 toLast = 0; ///< from the first part's start to the last one's
        quint64 lastOffset = 0;
    };
    struct IdentityHash
    {
        size_t operator()(const FileIdentity &identity) const
        {
            return size_t((identity.inode ^ identity.device << 40) * 0x9E3779B97F4A7C15ULL >> 16);
        }
    };

    bool query(quint64 address);
    bool jumpToLast();
    void learn();
    const Mapping *nextByQuery();
    const Mapping *nextInText();
    bool parse(const char *at, const char *end);
    void parseRest(const char *at, const char *name, const char *end);
    void close();

    ScanFeatures m_features;
    int m_maps = -1;
    bool m_isText = false;
    Wanted m_wanted = Wanted::Everything;
    bool m_canQuery;
    quint64 m_address = 0;
    Mapping m_mapping;
    Mapping m_first; ///< of the library being passed through, for learn()
    Mapping m_previous;
    std::unordered_map<FileIdentity, Layout, IdentityHash> m_layouts;
    size_t m_at = 0;
    size_t m_filled = 0;
    QByteArrayView m_shown; ///< device and inode of the line before, while that is in m_text
    /// The kernel gives 4 KiB at a time; longest is a line whose name has every byte as \012.
    std::array<char, 32 * 1024> m_text;
};

} // namespace Entracte
