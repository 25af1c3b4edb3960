// SPDX-License-Identifier: MIT
#include "platform/linux/detection/mapreader.h"

#include <cerrno>
#include <charconv>
#include <cstring>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace Entracte {

namespace {

/// struct procmap_query of linux/fs.h, which the headers of Debian 12 lack.
struct ProcmapQuery
{
    quint64 size;
    quint64 flags;
    quint64 address;
    quint64 start;
    quint64 end;
    quint64 mappingFlags;
    quint64 pageSize;
    quint64 offset;
    quint64 inode;
    quint32 deviceMajor;
    quint32 deviceMinor;
    quint32 nameSize;
    quint32 buildIdSize;
    quint64 nameAddress;
    quint64 buildIdAddress;
};

constexpr unsigned long procmapQuery = _IOWR('f', 17, ProcmapQuery);
constexpr quint64 isWritable = 0x02, isShared = 0x08; // in mappingFlags and in flags
constexpr quint64 orTheNext = 0x10, ofAFile = 0x20;

const char *afterBlank(const char *at, const char *end)
{
    const void *blank = std::memchr(at, ' ', size_t(end - at));
    return blank ? static_cast<const char *>(blank) + 1 : end;
}

const char *hexadecimal(const char *at, const char *end, quint64 &number)
{
    return std::from_chars(at, end, number, 16).ptr;
}

} // namespace

MapReader::MapReader(const ScanFeatures &features)
    : m_features(features)
    , m_canQuery(features.mapQuery)
{
}

MapReader::~MapReader()
{
    close();
}

void MapReader::close()
{
    if (m_maps >= 0)
        ::close(m_maps);
    m_maps = -1;
}

void MapReader::open(int process, Wanted wanted)
{
    close();
    m_maps = ::openat(process, "maps", O_RDONLY | O_CLOEXEC);
    m_wanted = wanted;
    m_isText = wanted == Wanted::Everything || !m_canQuery;
    m_address = 0;
    m_previous = {};
    m_shown = {};
    m_at = m_filled = 0;
}

bool MapReader::query(quint64 address)
{
    ProcmapQuery query = {};
    query.size = sizeof query;
    query.flags = orTheNext | ofAFile;
    query.address = address;
    if (::ioctl(m_maps, procmapQuery, &query) != 0) {
        if (errno == ENOTTY || errno == EINVAL)
            m_canQuery = false;
        return false;
    }
    m_mapping.file = {FileIdentity::deviceOf(query.deviceMajor, query.deviceMinor), query.inode};
    m_mapping.start = query.start;
    m_mapping.end = query.end;
    m_mapping.offset = query.offset;
    m_mapping.isWritten = (query.mappingFlags & (isWritable | isShared)) == (isWritable | isShared);
    return true;
}

const Mapping *MapReader::nextByQuery()
{
    if (m_maps < 0)
        return nullptr;
    if (m_features.mapJump && jumpToLast())
        return &m_mapping;
    if (!query(m_address)) {
        if (m_canQuery)
            return nullptr;
        m_isText = true; // the first query told that this kernel cannot be asked
        return nextInText();
    }
    m_address = m_mapping.end;
    if (m_features.mapJump)
        learn();
    return &m_mapping;
}

bool MapReader::jumpToLast()
{
    if (m_previous.file.inode == 0 || m_previous.offset != 0)
        return false;
    const auto known = m_layouts.find(m_previous.file);
    if (known == m_layouts.end() || known->second.firstLength != m_previous.end - m_previous.start)
        return false;
    const quint64 last = m_previous.start + known->second.toLast;
    const FileIdentity library = m_previous.file;
    m_previous = {};
    if (!query(last) || m_mapping.file != library || m_mapping.start != last
        || m_mapping.offset != known->second.lastOffset)
        return false;
    m_address = m_mapping.end;
    return true;
}

void MapReader::learn()
{
    const bool continues = m_previous.file == m_mapping.file && m_previous.end == m_mapping.start;
    if (!continues)
        m_first = m_mapping;
    else if (m_first.offset == 0)
        m_layouts[m_mapping.file] = {m_first.end - m_first.start, m_mapping.start - m_first.start,
                                     m_mapping.offset};
    m_previous = m_mapping;
}

const Mapping *MapReader::nextInText()
{
    if (m_maps < 0)
        return nullptr;
    while (true) {
        const char *const from = m_text.data() + m_at;
        if (const void *found = std::memchr(from, '\n', m_filled - m_at)) {
            const auto *end = static_cast<const char *>(found);
            m_at = size_t(end + 1 - m_text.data());
            if (parse(from, end))
                return &m_mapping;
            continue;
        }
        std::memmove(m_text.data(), from, m_filled - m_at); // the beginning of a line
        m_filled -= m_at;
        m_at = 0;
        m_shown = {};
        const ssize_t got = ::read(m_maps, m_text.data() + m_filled, m_text.size() - m_filled);
        if (got <= 0)
            return nullptr;
        m_filled += size_t(got);
    }
}

// 7f12…-7f12… r-xp 00000000 08:01 1234   /usr/lib/x.so
bool MapReader::parse(const char *at, const char *end)
{
    const char *const device = afterBlank(afterBlank(afterBlank(at, end), end), end);
    const char *const inode = afterBlank(device, end);
    if (inode == end || *inode == '0')
        return false;
    const QByteArrayView shown(device, afterBlank(inode, end) - device);
    if (m_wanted == Wanted::FilesOnly && shown == m_shown)
        return false;
    m_shown = shown;
    quint64 major = 0;
    quint64 minor = 0;
    hexadecimal(hexadecimal(device, end, major) + 1, end, minor);
    m_mapping.file.device = FileIdentity::deviceOf(quint32(major), quint32(minor));
    const char *const afterInode = std::from_chars(inode, end, m_mapping.file.inode).ptr;
    if (m_wanted == Wanted::Everything)
        parseRest(at, afterInode, end);
    return true;
}

void MapReader::parseRest(const char *at, const char *name, const char *end)
{
    at = hexadecimal(at, end, m_mapping.start);
    at = hexadecimal(at + 1, end, m_mapping.end);
    m_mapping.isWritten = at[2] == 'w' && at[4] == 's';
    hexadecimal(at + 6, end, m_mapping.offset);
    while (name < end && *name == ' ')
        ++name;
    m_mapping.name = QByteArrayView(name, end - name);
}

} // namespace Entracte
